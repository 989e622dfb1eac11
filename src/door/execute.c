/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/execute and its like: body → job → what it needs of the store → result. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/guard.h"
#include "door/documents.h"
#include "door/handlers.h"
#include "door/jobs.h"
#include "door/reply.h"
#include "json/json.h"

/* Text output can grow to six times its bytes when every one needs an escape; both streams of both stages. */
#define RESULT_BYTES_MAX (4 * 6 * GIB)

static void copy_name(char out[static MSG_NAME_BYTES], const char *text)
{
	snprintf(out, MSG_NAME_BYTES, "%s", text);
}

void record_job(struct door *door, const struct job *job)
{
	const struct stage_result *run = &job->result.run;
	struct msg_record msg;

	if (door->embedded)
		return;
	memset(&msg, 0, sizeof(msg));
	memcpy(msg.id, job->result.id, sizeof(msg.id));
	memcpy(msg.key_id, job->key->facts.id, sizeof(msg.key_id));
	copy_name(msg.language, job->spec.runtime->id);
	copy_name(msg.version, job->spec.version->version);
	memcpy(msg.source_hash, job->source_hash, sizeof(msg.source_hash));
	msg.status = job->result.status;
	msg.exit_code = run->has_exit_code ? run->exit_code : -1;
	msg.finished_ms = clock_wall_ms();
	msg.wall_ns = run->wall_ns;
	msg.cpu_ns = run->cpu_ns + job->result.compile.cpu_ns;
	msg.memory_peak_bytes = run->memory_peak_bytes;
	msg.stdout_bytes = run->out.len;
	msg.stderr_bytes = run->err.len;
	if (!door->store || channel_send(door->store, MSG_STORE_RECORD, &msg, NULL, 0) < 0)
		door->records_lost++;
}

/* What the dialect keeps of the run, as a document to send once the answer is out. */
static void write_record(struct exchange *exchange, const struct job *job, struct slice answer,
			 struct buf *out)
{
	_buf_finish_ struct buf parts;
	struct document document;

	if (!exchange->dialect->encode_record || !exchange->door->store)
		return;
	buf_init(&parts, DOCUMENT_BYTES_MAX);
	if (!exchange->dialect->encode_record(&parts, &exchange->api, &job->spec, &job->result, answer,
					      &document) ||
	    document_write(out, &document) < 0)
		exchange->door->records_lost++;
}

static void reply_result(struct exchange *exchange, const struct job *job)
{
	struct msg_document_ask ask = {.op = DOCUMENT_PUT};
	struct door *door = exchange->door;
	_buf_finish_ struct buf kept;
	struct buf body;
	struct err err;

	buf_init(&body, RESULT_BYTES_MAX);
	buf_init(&kept, 2 * DOCUMENT_BYTES_MAX);
	int status = exchange->dialect->encode_result(&body, &job->spec, &job->result);
	if (body.len) {
		write_record(exchange, job, buf_slice(&body), &kept);
		reply_json(exchange, status, &body);
	} else {
		err_set(&err, ERR_NO_MEMORY, "The result is too large for this server's memory.");
		reply_error(exchange, &err);
	}
	if (kept.len)
		documents_tell(door, job->key, &ask, buf_slice(&kept));
}

static void on_finished(struct job *job)
{
	struct exchange *exchange = job->owner;
	struct door *door = exchange->door;

	if (job->error.code) {
		reply_error(exchange, &job->error);
	} else {
		reply_result(exchange, job);
		record_job(door, job);
	}
	job_destroy(job);
}

static void on_gone(struct http_request *request)
{
	engine_cancel(request->owner);
}

/* --- before it can start: documents that it needs --- */

/* An exchange whose job is not yet submitted; in the request's arena. */
struct preparation {
	struct exchange *exchange;
	struct job *job;
	struct document_wait wait;
};

static void on_gone_early(struct http_request *request)
{
	struct preparation *preparation = request->owner;

	documents_end(&preparation->wait);
	job_destroy(preparation->job);
}

int exchange_submit(struct exchange *exchange, struct job *job, struct err *err)
{
	const struct api_context api = exchange_context(exchange);
	int rc = guard_apply(&api, exchange->dialect, &job->spec, err);

	if (rc < 0)
		return rc;
	rc = engine_submit(exchange->door->engine, job);
	return rc < 0 ? err_set(err, (enum err_code)-rc, "%s", err_default_text(rc)) : 0;
}

static void submit(struct preparation *preparation)
{
	struct exchange *exchange = preparation->exchange;
	struct err err;

	if (exchange_submit(exchange, preparation->job, &err) < 0) {
		job_destroy(preparation->job);
		reply_error(exchange, &err);
		return;
	}
	exchange->request->owner = preparation->job;
	exchange->request->on_gone = on_gone;
}

static void on_document(struct document_wait *wait);

/* Asks for the next document, or submits. */
static void go_on(struct preparation *preparation)
{
	struct exchange *exchange = preparation->exchange;
	const struct dialect *dialect = exchange->dialect;
	struct msg_document_ask ask = {.op = DOCUMENT_GET};
	struct document_need need = {0};
	struct err err;

	if (!dialect->next_need || !dialect->next_need(&preparation->job->spec, &need)) {
		submit(preparation);
		return;
	}
	ask.kind = need.kind;
	document_id_copy(ask.id, need.id); /* one that is too long is asked for as none, and not found */
	document_id_copy(ask.parent, need.parent);
	preparation->wait.fn = on_document;
	if (documents_ask(&preparation->wait, exchange->door, exchange->key, &ask, (struct slice){0}, &err) < 0) {
		job_destroy(preparation->job);
		reply_error(exchange, &err);
		return;
	}
	exchange->request->owner = preparation;
	exchange->request->on_gone = on_gone_early;
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
		rc = exchange->dialect->take(&api, exchange->request->arena, &preparation->job->spec,
					     rc == 0 ? &document : NULL, &err);
	documents_end(wait);
	if (rc == 0) {
		go_on(preparation);
		return;
	}
	job_destroy(preparation->job);
	reply_error(exchange, &err);
}

void handle_execute(struct exchange *exchange)
{
	struct preparation *preparation = arena_new(exchange->request->arena, struct preparation);
	struct job *job = preparation ? job_create(exchange->key, on_finished, exchange) : NULL;
	struct yyjson_doc *doc = NULL;
	struct err err;

	if (!job) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	*preparation = (struct preparation){.exchange = exchange, .job = job};
	if (exchange_decode(exchange, &job->spec, &doc, &err) < 0) {
		job_destroy(job);
		reply_error(exchange, &err);
	} else if (job->spec.after.accept) {
		jobs_accept(exchange, &job->spec);
		job_destroy(job);
	} else {
		exchange->api.body = NULL;
		go_on(preparation);
	}
	json_free(doc);
}
