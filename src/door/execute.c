/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/execute: body → job → result. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "door/handlers.h"
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

static void reply_result(struct exchange *exchange, const struct job *job)
{
	struct buf body;
	struct err err;

	buf_init(&body, RESULT_BYTES_MAX);
	int status = exchange->dialect->encode_result(&body, &job->spec, &job->result);
	if (body.len) {
		reply_json(exchange, status, &body);
		return;
	}
	err_set(&err, ERR_NO_MEMORY, "The result is too large for this server's memory.");
	reply_error(exchange, &err);
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

void handle_execute(struct exchange *exchange)
{
	struct job *job = job_create(exchange->key, on_finished, exchange);
	struct yyjson_doc *doc = NULL;
	struct err err;
	int rc;

	if (!job) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	rc = exchange_decode(exchange, &job->spec, &doc, &err);
	if (rc == 0) {
		rc = engine_submit(exchange->door->engine, job);
		if (rc < 0)
			err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	}
	if (rc < 0) {
		job_destroy(job);
		reply_error(exchange, &err);
	} else {
		exchange->request->owner = job;
		exchange->request->on_gone = on_gone;
	}
	json_free(doc);
}
