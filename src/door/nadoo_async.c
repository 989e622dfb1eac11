/* SPDX-License-Identifier: Apache-2.0 */
/* Nadoo's executions that are asked for and then asked about. */
#include "api/nadoo.h"
#include "door/handlers.h"
#include "door/later.h"
#include "door/record.h"
#include "door/reply.h"

#define ANSWER_BYTES_MAX (512 * MIB) /* while it is made; what is kept is bounded by later.h */
#define STATUS_BYTES_MAX KIB

/* --- the end of a run --- */

static void encode(struct buf *out, const struct job *job)
{
	struct json_writer w;

	json_writer_init(&w, out);
	if (job->error.code)
		nadoo_put_failure(&w, job->result.id, job->spec.dialect_data, &job->error);
	else
		nadoo_put_result(&w, &job->spec, &job->result);
	json_writer_finish(&w);
}

/* There is a result in any case: one that cannot be kept is a failure that says so. */
static void encode_too_large(struct buf *out, const struct job *job)
{
	struct json_writer w;
	struct err err;

	err_set(&err, ERR_TOO_LARGE, "The result is larger than this server keeps.");
	buf_clear(out);
	json_writer_init(&w, out);
	nadoo_put_failure(&w, job->result.id, job->spec.dialect_data, &err);
	json_writer_finish(&w);
}

static void on_finished(struct job *job)
{
	struct later_run *run = job->owner;
	const struct nadoo_data *data = job->spec.dialect_data;
	struct door *door = run->owner;
	uint64_t now_ns = clock_now_ns(), now_ms = clock_wall_ms();
	struct buf result;

	run->job = NULL;
	run->started_ms = job->started_ns ? now_ms - (now_ns - job->started_ns) / NS_PER_MS : 0;
	run->completed_ms = now_ms;
	run->failed = job->error.code || (nadoo_timed_out(&job->result) && data->timeout_is_error);
	buf_init(&result, ANSWER_BYTES_MAX);
	encode(&result, job);
	record_job(door, job);
	if (result.len == 0 || !later_end(run, &result, now_ns)) {
		run->failed = true;
		encode_too_large(&result, job);
		if (!later_end(run, &result, now_ns))
			later_drop(run);
	}
	buf_finish(&result);
	job_destroy(job);
}

/* --- what is known of one --- */

static const char *status_of(const struct later_run *run)
{
	if (run->job)
		return run->job->started_ns ? "running" : "pending";
	return run->failed ? "failed" : "completed";
}

static uint64_t started_of(const struct later_run *run)
{
	if (!run->job || !run->job->started_ns)
		return run->started_ms;
	return clock_wall_ms() - (clock_now_ns() - run->job->started_ns) / NS_PER_MS;
}

static void reply_status(struct exchange *exchange, const struct later_run *run)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, STATUS_BYTES_MAX + run->result.len);
	json_writer_init(&w, &body);
	json_object_open(&w, NULL);
	json_put_text(&w, "execution_id", run->name);
	json_put_text(&w, "status", status_of(run));
	nadoo_put_time(&w, "created_at", run->created_ms);
	nadoo_put_time(&w, "started_at", started_of(run));
	nadoo_put_time(&w, "completed_at", run->completed_ms);
	if (run->result.len)
		json_put_json(&w, "result", buf_slice(&run->result));
	else
		json_put_null(&w, "result");
	json_object_close(&w);
	json_writer_finish(&w);
	reply_json(exchange, 200, &body);
}

void handle_nadoo_status(struct exchange *exchange)
{
	struct slice name = exchange_param(exchange, 0);
	const struct later_run *run =
	    later_find(exchange->door->later, exchange->key, name, clock_now_ns());
	struct err err;

	if (run) {
		reply_status(exchange, run);
		return;
	}
	err_set(&err, ERR_NOT_FOUND, "Execution %.*s not found", (int)MIN_OF(name.len, (size_t)100),
		name.data);
	reply_error(exchange, &err);
}

/* --- the beginning --- */

/* The decoder's memory lives as long as the run, not as the request. */
static int submit(struct exchange *exchange, struct later_run *run, struct err *err)
{
	struct yyjson_doc *doc = NULL;

	exchange->memory = run->arena;
	int rc = exchange_decode(exchange, &run->job->spec, &doc, err);
	if (rc == 0)
		rc = exchange_submit(exchange, run->job, err);
	if (rc < 0)
		reply_error(exchange, err);
	json_free(doc);
	return rc;
}

static void refuse(struct exchange *exchange, enum err_code code)
{
	struct err err;

	err_set(&err, code, "%s", err_default_text(code));
	reply_error(exchange, &err);
}

void handle_nadoo_async(struct exchange *exchange)
{
	struct later_run *run = later_begin(exchange->door->later, exchange->key,
					    3 * exchange->request->body.len, clock_now_ns());
	char name[NADOO_ID_BYTES];
	struct err err;

	if (!run) {
		refuse(exchange, ERR_QUEUE_FULL);
		return;
	}
	run->owner = exchange->door;
	run->job = job_create(exchange->key, on_finished, run);
	if (!run->job) {
		later_drop(run);
		refuse(exchange, ERR_NO_MEMORY);
	} else if (submit(exchange, run, &err) < 0) {
		job_destroy(run->job);
		later_drop(run);
	} else {
		nadoo_id(name, run->job->result.id);
		later_name(run, name);
		reply_status(exchange, run);
	}
}
