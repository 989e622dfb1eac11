/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request becomes an accepted job: answered with 202 once the store has it. With an
 * Idempotency-Key the name and the answer are kept with it, so that whoever sends it again, also to
 * another process of this server, gets the same answer; those that come while this process lives
 * are answered by once.h.
 */
#include <string.h>

#include <openssl/evp.h>

#include "api/guard.h"
#include "api/webhook.h"
#include "base/hex.h"
#include "door/jobs_run.h"
#include "door/once.h"
#include "door/retry.h"
#include "door/webhooks.h"
#include "engine/payload.h"

#define PAYLOAD_BYTES_MAX (2 * JOB_BYTES_MAX)

/* Where the execution is found, below the mount that the request came to. */
static const char *location_of(const struct exchange *exchange, const char *id)
{
	struct slice path = exchange->request->path;
	size_t mount = path.len - MIN_OF(path.len, exchange->api.path.len);

	return arena_printf(exchange->request->arena, "%.*s/v1/executions/%s", (int)mount,
			    path.data, id);
}

static void reply_accepted(struct exchange *exchange, struct slice answer, const char *id)
{
	struct buf body;

	buf_init(&body, JOB_HEAD_BYTES_MAX);
	buf_append(&body, answer.data, answer.len);
	exchange->location = location_of(exchange, id);
	if (http_request_header(exchange->request, "Prefer").data)
		exchange->preference = "respond-async";
	reply_json(exchange, 202, &body);
}

/* It is not accepted. */
static void refuse(struct accepted *accepted, const struct err *err)
{
	struct exchange *exchange = accepted->asker;
	const struct err copy = *err;

	accepted_drop(accepted);
	if (exchange)
		reply_error(exchange, &copy);
}

/* --- the last step: it is kept --- */

static void on_kept(struct document_wait *wait)
{
	struct accepted *accepted = container_of(wait, struct accepted, wait);
	struct exchange *exchange = steal_pointer(accepted->asker);

	if (wait->code < 0) {
		accepted->asker = exchange;
		refuse(accepted, &wait->err);
		return;
	}
	documents_end(wait);
	buf_finish(&accepted->documents);
	jobs_count_accepted(accepted->jobs);
	if (exchange)
		reply_accepted(exchange, buf_slice(&accepted->head), accepted->id);
	accepted_wait(accepted);
}

/* From now on it is accepted also if its caller goes away. */
static void keep(struct accepted *accepted)
{
	struct msg_document_ask msg = {.op = DOCUMENT_PUT};
	struct err err;

	accepted->wait.fn = on_kept;
	if (documents_ask(&accepted->wait, jobs_door(accepted->jobs), accepted->key, &msg,
			  buf_slice(&accepted->documents), &err) < 0)
		refuse(accepted, &err);
}

/* --- its name --- */

/* Of a question; an id has room for the first 13 bytes of its hash, which are enough to be one
 * key's. */
static void name_id(char out[static ID_BYTES], const struct once_question *question)
{
	memcpy(out, "idk_", 4);
	hex_write(out + 4, question->name, 13);
}

static void on_named(struct document_wait *wait)
{
	struct accepted *accepted = container_of(wait, struct accepted, wait);
	struct exchange *exchange = accepted->asker;
	struct slice bytes = buf_slice(&wait->bytes);
	struct once_question question;
	struct document named;
	struct err err;

	if (wait->code == -ERR_NOT_FOUND) {
		documents_end(wait);
		keep(accepted);
	} else if (wait->code < 0 || document_next(&bytes, &named) <= 0 ||
		   !exchange_question(exchange, &question)) {
		refuse(accepted, &wait->err);
	} else if (!slice_equal(named.head,
				(struct slice){(const char *)question.request, ONCE_HASH_BYTES})) {
		err_set(&err, ERR_KEY_REUSED, "%s", err_default_text(ERR_KEY_REUSED));
		refuse(accepted, &err);
	} else {
		exchange->replayed = true;
		reply_accepted(exchange, named.body, named.parent);
		accepted_drop(accepted);
	}
}

static void look_for_name(struct accepted *accepted)
{
	struct msg_document_ask msg = {.op = DOCUMENT_GET, .kind = DOCUMENT_JOB_NAME};
	struct once_question question;
	struct err err;

	err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	accepted->wait.fn = on_named;
	if (!exchange_question(accepted->asker, &question)) {
		refuse(accepted, &err);
		return;
	}
	name_id(msg.id, &question);
	if (documents_ask(&accepted->wait, jobs_door(accepted->jobs), accepted->key, &msg,
			  (struct slice){0}, &err) < 0)
		refuse(accepted, &err);
}

/* --- what is kept --- */

static int write_name(struct accepted *accepted, struct exchange *exchange)
{
	struct document document = {.kind = DOCUMENT_JOB_NAME};
	struct once_question question;

	if (!exchange_question(exchange, &question))
		return -ERR_NO_MEMORY;
	name_id(document.id, &question);
	memcpy(document.parent, accepted->id, sizeof(document.parent));
	document.head = (struct slice){(const char *)question.request, ONCE_HASH_BYTES};
	document.body = buf_slice(&accepted->head);
	document.expires_ms = clock_wall_ms() + exchange->door->config->idempotency_time_ms;
	return document_write(&accepted->documents, &document);
}

static int write_webhook(struct accepted *accepted, const struct job_after *after)
{
	struct document document = {.kind = DOCUMENT_WEBHOOK, .mark = 1};
	_buf_finish_ struct buf order;

	buf_init(&order, JOB_HEAD_BYTES_MAX);
	webhook_write_order(&order, after);
	webhook_id_of(document.id, accepted->id);
	memcpy(document.parent, accepted->id, sizeof(document.parent));
	document.head = SLICE_LITERAL("{\"state\":\"waiting\"}");
	document.body = buf_slice(&order);
	return order.len ? document_write(&accepted->documents, &document) : -ERR_NO_MEMORY;
}

static int write_documents(struct accepted *accepted, struct exchange *exchange,
			   const struct job_after *after)
{
	struct document document = {.kind = DOCUMENT_JOB, .mark = JOB_WAITS};

	memcpy(document.id, accepted->id, sizeof(document.id));
	document.head = buf_slice(&accepted->head);
	document.body = exchange->request->body;
	int rc = document_write(&accepted->documents, &document);
	if (rc == 0 && exchange->once)
		rc = write_name(accepted, exchange);
	if (rc == 0 && accepted->webhook)
		rc = write_webhook(accepted, after);
	return rc;
}

/* --- the first step --- */

static void on_gone(struct http_request *request)
{
	struct accepted *accepted = request->owner;

	accepted->asker = NULL;
	if (accepted->wait.fn == on_named)
		accepted_drop(accepted);
}

/* What the scanner has against it is told now; the job's own spec is made when its turn comes. */
static int check(struct exchange *exchange, struct job_spec *spec, struct err *err)
{
	const struct api_context api = exchange_context(exchange);

	if (exchange->request->body.len > JOB_REQUEST_BYTES_MAX)
		return err_set(err, ERR_BODY_TOO_LARGE, "The request of a job may have %llu bytes.",
			       (unsigned long long)JOB_REQUEST_BYTES_MAX);
	if (spec->after.webhook_url.data && !exchange->door->config->webhooks)
		return err_field(err, ERR_NOT_IMPLEMENTED, "webhook",
				 "This server sends no webhooks; its operator may turn them on.");
	return guard_apply(&api, exchange->dialect, spec, err);
}

/* As the engine will do it; known now, so that it can be told of one of which nothing else is left. */
static int hash_payload(uint8_t out[static EXECUTION_HASH_BYTES], const struct job_spec *spec)
{
	enum stage stage = spec->version->compile.argc ? STAGE_COMPILE : STAGE_RUN;
	_buf_finish_ struct buf payload;

	buf_init(&payload, PAYLOAD_BYTES_MAX);
	int rc = payload_write(&payload, spec, stage);
	if (rc == 0 && EVP_Digest(payload.data, payload.len, out, NULL, EVP_sha256(), NULL) != 1)
		rc = -ERR_NO_MEMORY;
	return rc;
}

static int write_head(struct accepted *accepted, const struct job_spec *spec)
{
	uint8_t hash[EXECUTION_HASH_BYTES];
	int rc = hash_payload(hash, spec);

	if (rc < 0)
		return rc;
	execution_write_head(&accepted->head, accepted->id, spec, hash, clock_wall_ms());
	return accepted->head.len ? 0 : -ERR_NO_MEMORY;
}

void jobs_accept(struct exchange *exchange, const struct job_spec *spec)
{
	struct accepted *accepted = NULL;
	struct job_spec guarded = *spec;
	struct err err;
	int rc = check(exchange, &guarded, &err);

	exchange->dialect = &dialect_native;
	if (rc == 0) {
		accepted = accepted_create(exchange->door->jobs, exchange->key);
		rc = accepted ? 0 : err_set(&err, ERR_QUEUE_FULL, "All places for jobs are taken.");
	}
	if (rc < 0) {
		reply_error(exchange, &err);
		return;
	}
	accepted->retry = spec->after.retry;
	accepted->webhook = spec->after.webhook_url.data != NULL;
	accepted->asker = exchange;
	rc = write_head(accepted, &guarded);
	if (rc == 0)
		rc = write_documents(accepted, exchange, &spec->after);
	if (rc < 0) {
		err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
		refuse(accepted, &err);
		return;
	}
	exchange->request->owner = accepted;
	exchange->request->on_gone = on_gone;
	if (exchange->once)
		look_for_name(accepted);
	else
		keep(accepted);
}
