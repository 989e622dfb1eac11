/* SPDX-License-Identifier: Apache-2.0 */
#include "door/reply.h"

#include "api/api.h"
#include "door/coding.h"
#include "door/cors.h"
#include "door/retry.h"
#include "event/loop.h"

#define ERROR_BODY_BYTES  (16 * KIB)
#define RETRY_AFTER_S     1 /* when nothing better is known: a place becomes free in about that time */

void header_add_slice(struct header_list *list, const char *name, struct slice value)
{
	if (value.data && list->count < HEADERS_MAX)
		list->rows[list->count++] = (struct http_header){slice_from(name), value};
}

void header_add(struct header_list *list, const char *name, const char *value)
{
	header_add_slice(list, name, slice_from(value));
}

void header_add_number(struct header_list *list, const char *name, uint64_t number)
{
	header_add(list, name, arena_printf(list->arena, "%llu", (unsigned long long)number));
}

/* Limit, remaining, and when the window ends in seconds since the epoch, as clients of this field read it. */
static void add_quota(struct header_list *list, const struct quota_answer *quota)
{
	if (quota->limit == QUOTA_UNLIMITED)
		return;
	header_add_number(list, "X-RateLimit-Limit", quota->limit);
	header_add_number(list, "X-RateLimit-Remaining", quota->remaining);
	header_add_number(list, "X-RateLimit-Reset", clock_wall_ms() / 1000 + quota->reset_s);
}

/* --- an answer on its way --- */

struct answer {
	struct exchange *exchange;
	struct header_list headers;
	struct http_reply reply;
	struct buf body;
	struct coder *coder;  /* NULL: not compressed */
	enum coding coding;
	struct timer timer;   /* the next step of the coder */
};

static void answer_send(struct answer *answer)
{
	if (answer->coder) {
		header_add(&answer->headers, "Content-Encoding", coding_name(answer->coding));
		buf_finish(&answer->body);
		answer->body = *coder_out(answer->coder);
		buf_init(coder_out(answer->coder), 0);
		coder_destroy(answer->coder);
	}
	/* from here on out of the request's arena, which http_reply frees */
	struct buf body = answer->body;
	struct http_reply reply = answer->reply;
	reply.body_owned = &body;
	reply.headers = answer->headers.rows;
	reply.header_count = answer->headers.count;
	http_reply(answer->exchange->request, &reply);
	buf_finish(&body);
}

/* One step; a large answer takes more than one, between which the loop serves others. */
static void answer_compress(struct timer *timer)
{
	struct answer *answer = container_of(timer, struct answer, timer);
	int rc = coder_step(answer->coder);

	if (rc == 0) {
		loop_timer_set(answer->exchange->door->loop, timer, clock_now_ns() + 1, answer_compress);
		return;
	}
	if (rc < 0) {
		coder_destroy(answer->coder);
		answer->coder = NULL;
	}
	answer_send(answer);
}

static void answer_gone(struct http_request *request)
{
	struct answer *answer = request->owner;

	loop_timer_cancel(answer->exchange->door->loop, &answer->timer);
	coder_destroy(answer->coder);
	buf_finish(&answer->body);
}

/* Small ones leave as they are, without a look at what the client takes. */
static void answer_go(struct answer *answer)
{
	struct http_request *request = answer->exchange->request;
	uint64_t least = answer->exchange->door->config->compress_bytes_min;

	if (least && answer->body.len >= least) {
		header_add(&answer->headers, "Vary", "Accept-Encoding");
		answer->coding = coding_choose(http_request_header(request, "Accept-Encoding"));
		if (answer->coding != CODING_IDENTITY)
			answer->coder = coder_create(answer->coding, buf_slice(&answer->body));
	}
	if (!answer->coder) {
		answer_send(answer);
		return;
	}
	request->owner = answer;
	request->on_gone = answer_gone;
	answer_compress(&answer->timer);
}

/* RFC 9110, 15.5.22; RFC 6455, 4.4 */
static void add_upgrade(struct header_list *list)
{
	header_add(list, "Connection", "Upgrade");
	header_add(list, "Upgrade", "websocket");
	header_add(list, "Sec-WebSocket-Version", "13");
}

static void add_headers(struct header_list *list, struct exchange *exchange, int status,
			uint64_t retry_after_s)
{
	const char *challenge = exchange->dialect->challenge;

	header_add(list, "X-Request-Id", exchange->id);
	if (exchange->key)
		add_quota(list, &exchange->quota);
	if (retry_after_s)
		header_add_number(list, "Retry-After", retry_after_s);
	header_add(list, "Allow", exchange->allow);
	header_add(list, "Location", exchange->location);
	header_add(list, "Preference-Applied", exchange->preference);
	if (status == 426)
		add_upgrade(list);
	if (status == 401)
		header_add(list, "WWW-Authenticate", challenge ? challenge : "Bearer");
	if (exchange->no_retry)
		header_add(list, "X-Should-Retry", "false"); /* clients of Stainless would at every 5xx */
	if (exchange->replayed)
		header_add(list, "Idempotency-Replayed", "true");
	cors_add(list, exchange);
}

static void send(struct exchange *exchange, int status, const char *content_type, struct buf *body,
                 uint64_t retry_after_s)
{
	struct answer *answer = arena_new(exchange->request->arena, struct answer);

	if (!answer) {
		buf_finish(body);
		http_reply(exchange->request, &(struct http_reply){.status = 500, .close = true});
		return;
	}
	answer->exchange = exchange;
	answer->reply = (struct http_reply){.status = status, .content_type = content_type};
	answer->headers.arena = exchange->request->arena;
	answer->body = *body;
	buf_init(body, 0);
	exchange_keep(exchange, status, content_type, buf_slice(&answer->body));
	add_headers(&answer->headers, exchange, status, retry_after_s);
	answer_go(answer);
}

void reply_body(struct exchange *exchange, int status, const char *content_type, struct buf *body)
{
	send(exchange, status, content_type, body, 0);
}

void reply_json(struct exchange *exchange, int status, struct buf *body)
{
	reply_body(exchange, status, "application/json", body);
}

int reply_stream(struct exchange *exchange, const char *content_type, const struct header_list *extra)
{
	struct header_list list = {.arena = exchange->request->arena};
	struct http_reply reply = {.status = 200, .content_type = content_type, .headers = list.rows};

	add_headers(&list, exchange, reply.status, 0);
	header_add(&list, "Cache-Control", "no-store");
	header_add(&list, "X-Accel-Buffering", "no"); /* nginx holds answers back unless told not to */
	for (size_t i = 0; extra && i < extra->count; i++)
		header_add_slice(&list, extra->rows[i].name.data, extra->rows[i].value);
	reply.header_count = list.count;
	return http_stream_begin(exchange->request, &reply);
}

int reply_sized(struct exchange *exchange, const struct reply_sized *sized)
{
	struct header_list list = {.arena = exchange->request->arena};
	struct http_reply reply = {.status = sized->status, .content_type = sized->content_type, .headers = list.rows,
				   .sized = true, .size = sized->size};

	add_headers(&list, exchange, reply.status, 0);
	for (size_t i = 0; i < sized->headers->count; i++)
		header_add_slice(&list, sized->headers->rows[i].name.data, sized->headers->rows[i].value);
	reply.header_count = list.count;
	return http_stream_begin(exchange->request, &reply);
}

static int encode_error(struct exchange *exchange, const struct err *err, struct buf *body)
{
	const struct dialect *dialect = exchange->dialect;

	if (exchange->body_refused && err->code != ERR_UNSUPPORTED_MEDIA && dialect->encode_refusal)
		return dialect->encode_refusal(body, &exchange->api, err);
	return dialect->encode_error(body, err, exchange->id);
}

void reply_error(struct exchange *exchange, const struct err *err)
{
	struct buf body;
	uint64_t retry_after_s = 0;

	buf_init(&body, ERROR_BODY_BYTES);
	int status = encode_error(exchange, err, &body);
	exchange->no_retry = status >= 500 && !err_retryable(err->code);
	if (err->code == ERR_RATE_LIMITED)
		retry_after_s = exchange->quota.reset_s;
	else if (status == 429 || ((status == 503 || status == 409) && err_retryable(err->code)))
		retry_after_s = RETRY_AFTER_S;
	send(exchange, status, "application/json", &body, retry_after_s);
}
