/* SPDX-License-Identifier: Apache-2.0 */
#include "door/retry.h"

#include <string.h>

#include <openssl/evp.h>

#include "door/once.h"

/* Each part with its length, so that no two lists of parts are hashed alike. */
static bool hash_parts(uint8_t out[static ONCE_HASH_BYTES], const struct slice *parts, size_t count)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; good && i < count; i++)
		good = EVP_DigestUpdate(ctx, &parts[i].len, sizeof(parts[i].len)) == 1 &&
		       EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	good = good && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

/* The whole address counts: the same body means something else elsewhere. */
bool exchange_question(const struct exchange *exchange, struct once_question *ret_question)
{
	const struct http_request *request = exchange->request;
	struct slice name = http_request_header(request, "Idempotency-Key");
	const struct slice named[] = {slice_from(exchange->key->facts.id), name};
	ret_question->owner = exchange->key;
	const struct slice asked[] = {request->path, request->query, request->body};

	return hash_parts(ret_question->name, named, ARRAY_LEN(named)) &&
	       hash_parts(ret_question->request, asked, ARRAY_LEN(asked));
}

/* The connection broke before the answer: whoever asks again is the first. */
static void on_freed(void *ctx)
{
	struct exchange *exchange = ctx;

	if (exchange->once)
		once_drop(exchange->door->once, exchange->once);
}

void exchange_keep(struct exchange *exchange, int status, const char *content_type,
		   struct slice body)
{
	struct once_entry *entry = steal_pointer(exchange->once);

	if (entry)
		once_keep(exchange->door->once, entry, status, content_type, body, clock_now_ns());
}

static void replay(struct exchange *exchange, const struct once_answer *answer)
{
	struct buf body;

	buf_init(&body, answer->body.len);
	if (buf_append(&body, answer->body.data, answer->body.len) < 0) {
		struct err err;
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	exchange->replayed = true;
	reply_body(exchange, answer->status, answer->content_type, &body);
}

static bool refuse(struct exchange *exchange, enum err_code code)
{
	struct err err;

	err_set(&err, code, "%s", err_default_text(code));
	reply_error(exchange, &err);
	return false;
}

static bool is_first(struct exchange *exchange, const struct once_question *question)
{
	static const enum err_code codes[] = {
	    [ONCE_RUNNING] = ERR_STILL_RUNNING,
	    [ONCE_OTHER] = ERR_KEY_REUSED,
	    [ONCE_FULL] = ERR_QUEUE_FULL,
	};
	struct once_entry *entry;
	enum once_found found = once_begin(exchange->door->once, question, clock_now_ns(), &entry);

	if (found == ONCE_KEPT) {
		replay(exchange, once_answer(entry));
		return false;
	}
	if (found != ONCE_NEW)
		return refuse(exchange, codes[found]);
	exchange->once = entry;
	exchange->request->on_freed = on_freed;
	exchange->request->freed_ctx = exchange;
	return true;
}

bool exchange_is_first(struct exchange *exchange)
{
	struct slice name = http_request_header(exchange->request, "Idempotency-Key");
	struct once_question question;

	if (!name.data || !exchange->key || exchange->request->method != HTTP_POST ||
	    exchange->door->config->idempotency_time_ms == 0)
		return true;
	if (name.len == 0 || name.len > ONCE_NAME_BYTES_MAX)
		return refuse(exchange, ERR_BAD_KEY_NAME);
	if (!exchange_question(exchange, &question))
		return refuse(exchange, ERR_NO_MEMORY);
	return is_first(exchange, &question);
}
