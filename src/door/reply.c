/* SPDX-License-Identifier: Apache-2.0 */
#include "door/reply.h"

#include <string.h>

#include "api/api.h"

#define REPLY_HEADERS_MAX 12
#define ERROR_BODY_BYTES  (16 * KIB)
#define RETRY_AFTER_S     1 /* when nothing better is known: a place becomes free in about that time */

struct header_list {
	struct arena *arena;
	struct http_header rows[REPLY_HEADERS_MAX];
	size_t count;
};

static void add(struct header_list *list, const char *name, const char *value)
{
	if (value && list->count < REPLY_HEADERS_MAX)
		list->rows[list->count++] = (struct http_header){slice_from(name), slice_from(value)};
}

static void add_number(struct header_list *list, const char *name, uint64_t number)
{
	add(list, name, arena_printf(list->arena, "%llu", (unsigned long long)number));
}

/* Limit, remaining, and when the window ends in seconds since the epoch, as clients of this field read it. */
static void add_quota(struct header_list *list, const struct quota_answer *quota)
{
	if (quota->limit == QUOTA_UNLIMITED)
		return;
	add_number(list, "X-RateLimit-Limit", quota->limit);
	add_number(list, "X-RateLimit-Remaining", quota->remaining);
	add_number(list, "X-RateLimit-Reset", clock_wall_ms() / 1000 + quota->reset_s);
}

static void send(struct exchange *exchange, int status, const char *content_type, struct buf *body,
                 uint64_t retry_after_s)
{
	struct header_list list = {.arena = exchange->request->arena};
	const char *challenge = exchange->dialect->challenge;

	add(&list, "X-Request-Id", exchange->id);
	if (exchange->key)
		add_quota(&list, &exchange->quota);
	if (retry_after_s)
		add_number(&list, "Retry-After", retry_after_s);
	add(&list, "Allow", exchange->allow);
	if (status == 426) { /* RFC 9110, 15.5.22; RFC 6455, 4.4 */
		add(&list, "Connection", "Upgrade");
		add(&list, "Upgrade", "websocket");
		add(&list, "Sec-WebSocket-Version", "13");
	}
	if (status == 401)
		add(&list, "WWW-Authenticate", challenge ? challenge : "Bearer");
	struct http_reply reply = {.status = status,
	                           .content_type = content_type,
	                           .body_owned = body,
	                           .headers = list.rows,
	                           .header_count = list.count};
	http_reply(exchange->request, &reply);
	buf_finish(body);
}

void reply_body(struct exchange *exchange, int status, const char *content_type, struct buf *body)
{
	send(exchange, status, content_type, body, 0);
}

void reply_json(struct exchange *exchange, int status, struct buf *body)
{
	reply_body(exchange, status, "application/json", body);
}

static int encode_error(struct exchange *exchange, const struct err *err, struct buf *body)
{
	const struct dialect *dialect = exchange->dialect;

	if (exchange->body_refused && dialect->encode_refusal)
		return dialect->encode_refusal(body, &exchange->api, err);
	return dialect->encode_error(body, err, exchange->id);
}

void reply_error(struct exchange *exchange, const struct err *err)
{
	struct buf body;
	uint64_t retry_after_s = 0;

	buf_init(&body, ERROR_BODY_BYTES);
	int status = encode_error(exchange, err, &body);
	if (err->code == ERR_RATE_LIMITED)
		retry_after_s = exchange->quota.reset_s;
	else if (status == 429 || (status == 503 && err_retryable(err->code)))
		retry_after_s = RETRY_AFTER_S;
	send(exchange, status, "application/json", &body, retry_after_s);
}
