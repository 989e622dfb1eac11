/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/execute and its like: body → job → what it needs of the store → result. */
#include "api/api.h"
#include "api/guard.h"
#include "door/documents.h"
#include "door/execute.h"
#include "door/follow.h"
#include "door/handlers.h"
#include "door/jobs.h"
#include "door/live.h"
#include "door/record.h"
#include "door/reply.h"
#include "door/sessions.h"
#include "json/json.h"

static void reply_result(struct exchange *exchange, const struct job *job)
{
	struct buf body;
	struct err err;

	buf_init(&body, RESULT_BYTES_MAX);
	int status = exchange->dialect->encode_result(&body, &job->spec, &job->result);
	if (body.len) {
		record_document(exchange->door, exchange->dialect, &exchange->api, job, buf_slice(&body));
		reply_json(exchange, status, &body);
	} else {
		err_set(&err, ERR_NO_MEMORY, "The result is too large for this server's memory.");
		reply_error(exchange, &err);
	}
}

static void on_finished(struct job *job)
{
	struct exchange *exchange = job->owner;
	struct door *door = exchange->door;

	if (job->error.code)
		reply_error(exchange, &job->error);
	else
		reply_result(exchange, job);
	record_job(door, job);
	job_destroy(job);
}

static void on_gone(struct http_request *request)
{
	struct job *job = request->owner;
	const struct exchange *exchange = job->owner;

	record_cancel(exchange->door, job);
}

/* --- before it can start: documents that it needs --- */

/* An exchange whose job is not yet submitted; in the request's arena. */
struct preparation {
	struct exchange *exchange;
	struct job *job;
	struct live *live; /* NULL: the answer is not a stream of events */
	struct document_wait wait;
};

static void on_gone_early(struct http_request *request)
{
	struct preparation *preparation = request->owner;

	documents_end(&preparation->wait);
	job_destroy(preparation->job);
	live_drop(preparation->live);
}

static void refuse(struct preparation *preparation, const struct err *err)
{
	struct live *live = preparation->live;

	job_destroy(preparation->job);
	reply_error(preparation->exchange, err);
	live_drop(live);
}

int door_submit(struct door *door, const struct dialect *dialect, struct job *job, struct err *err)
{
	const struct api_context api = door_context(door, job->key);
	int rc = guard_apply(&api, dialect, &job->spec, err);

	if (rc < 0)
		return rc;
	if (job->spec.session.id.len || job->spec.session.fresh)
		return session_submit(door, job, err);
	rc = engine_submit(door->engine, job);
	return rc < 0 ? err_set(err, (enum err_code)-rc, "%s", err_default_text(rc)) : 0;
}

int exchange_submit(struct exchange *exchange, struct job *job, struct err *err)
{
	return door_submit(exchange->door, exchange->dialect, job, err);
}

/* False: it has been answered; also below. */
static bool submit(struct preparation *preparation)
{
	struct exchange *exchange = preparation->exchange;
	struct err err;

	if (exchange_submit(exchange, preparation->job, &err) < 0) {
		refuse(preparation, &err);
		return false;
	}
	if (preparation->live)
		return live_begin(preparation->live, exchange);
	exchange->request->owner = preparation->job;
	exchange->request->on_gone = on_gone;
	return true;
}

static void on_document(struct document_wait *wait);

/* Asks for the next document, or submits. */
static bool go_on(struct preparation *preparation)
{
	struct exchange *exchange = preparation->exchange;
	const struct dialect *dialect = exchange->dialect;
	struct msg_document_ask ask = {.op = DOCUMENT_GET};
	struct document_need need = {0};
	struct err err;

	if (!dialect->next_need || !dialect->next_need(&preparation->job->spec, &need))
		return submit(preparation);
	ask.kind = need.kind;
	document_id_copy(ask.id, need.id); /* one that is too long is asked for as none, and not found */
	document_id_copy(ask.parent, need.parent);
	preparation->wait.fn = on_document;
	if (documents_ask(&preparation->wait, exchange->door, exchange->key, &ask, (struct slice){0}, &err) < 0) {
		refuse(preparation, &err);
		return false;
	}
	exchange->request->owner = preparation;
	exchange->request->on_gone = on_gone_early;
	return true;
}

static void on_document(struct document_wait *wait)
{
	struct preparation *preparation = container_of(wait, struct preparation, wait);
	struct exchange *exchange = preparation->exchange;
	const struct api_context api = exchange_context(exchange);
	struct slice bytes = buf_slice(&wait->bytes);
	struct err err = wait->err;
	struct document document;
	int rc = wait->code;

	if (rc == 0 && document_next(&bytes, &document) <= 0)
		rc = err_set(&err, ERR_STORE, "%s", err_default_text(ERR_STORE));
	if (rc == 0 || rc == -ERR_NOT_FOUND)
		rc = exchange->dialect->take(&api, exchange->memory, &preparation->job->spec,
					     rc == 0 ? &document : NULL, &err);
	documents_end(wait);
	if (rc == 0)
		go_on(preparation);
	else
		refuse(preparation, &err);
}

/* What the run is written to: with events, something that outlives the request. */
static bool prepare(struct preparation *preparation)
{
	struct exchange *exchange = preparation->exchange;

	if (!follow_wanted(exchange))
		preparation->job = job_create(exchange->key, on_finished, exchange);
	else if ((preparation->live = live_create(exchange)))
		preparation->job = live_job(preparation->live);
	if (preparation->job && exchange->feed)
		job_feed_begin(exchange->feed, preparation->job);
	return preparation->job;
}

/* The spec is only checked now; the request goes on without it. */
static void accept(struct preparation *preparation)
{
	struct exchange *exchange = preparation->exchange;
	struct job *job = preparation->job;
	struct live *live = preparation->live;

	exchange->memory = exchange->request->arena;
	exchange->api.body = NULL;
	jobs_accept(exchange, &job->spec);
	job_destroy(job);
	live_drop(live);
}

static int decode(struct preparation *preparation, struct yyjson_doc **ret_doc, struct err *err)
{
	struct exchange *exchange = preparation->exchange;
	struct job_spec *spec = &preparation->job->spec;
	int rc = exchange_decode(exchange, spec, ret_doc, err);

	if (rc == 0 && exchange->feed && spec->after.accept)
		return err_field(err, ERR_INVALID_FIELD, "async", "Somebody has to be there who sends stdin.");
	if (rc == 0 && exchange->feed && spec->stdin_data.len)
		return err_field(err, ERR_INVALID_FIELD, "stdin", "Its bytes are here, or in the part 'stdin'.");
	return rc;
}

bool execute_begin(struct exchange *exchange)
{
	struct preparation *preparation = arena_new(exchange->request->arena, struct preparation);
	struct yyjson_doc *doc = NULL;
	struct err err;
	bool alive = false;

	if (preparation)
		preparation->exchange = exchange;
	if (!preparation || !prepare(preparation)) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return false;
	}
	if (decode(preparation, &doc, &err) < 0) {
		refuse(preparation, &err);
	} else if (preparation->job->spec.after.accept) {
		accept(preparation);
	} else {
		exchange->api.body = NULL;
		alive = go_on(preparation);
	}
	json_free(doc);
	return alive;
}

void handle_execute(struct exchange *exchange)
{
	execute_begin(exchange);
}
