/* SPDX-License-Identifier: Apache-2.0 */
/* Nadoo's batches: up to ten requests, run one after another, answered together. */
#include "api/nadoo.h"

#include <yyjson.h>

#include "door/handlers.h"
#include "door/record.h"
#include "door/reply.h"

#define BATCH_BYTES_MAX (512 * MIB)

/* One of them: to be run, or why not. */
struct item {
	struct job_spec spec;
	struct nadoo_data data; /* for the answer to one that cannot be run */
	struct err err;		/* code 0: to be run */
};

struct batch {
	struct exchange *exchange;
	struct item items[NADOO_BATCH_MAX];
	size_t count, at;
	struct job *job; /* of items[at] */
	struct buf body;
	struct json_writer w;
};

static void put_failure(struct batch *batch, const struct err *err)
{
	char id[ID_BYTES];

	id_make(id, "exe");
	nadoo_put_failure(&batch->w, id, &batch->items[batch->at].data, err);
	batch->at++;
}

static void finish(struct batch *batch)
{
	struct err err;

	json_array_close(&batch->w);
	json_writer_finish(&batch->w);
	if (batch->body.len) {
		reply_json(batch->exchange, 200, &batch->body);
		return;
	}
	buf_finish(&batch->body);
	err_set(&err, ERR_NO_MEMORY, "The results are too large for this server's memory.");
	reply_error(batch->exchange, &err);
}

static void on_finished(struct job *job);

/* Hands the next to the engine. False with *err. */
static bool submit(struct batch *batch, struct err *err)
{
	struct job *job = job_create(batch->exchange->key, on_finished, batch);

	if (!job) {
		err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		return false;
	}
	job->spec = batch->items[batch->at].spec;
	if (exchange_submit(batch->exchange, job, err) < 0) {
		job_destroy(job);
		return false;
	}
	batch->job = job;
	return true;
}

/* Goes on to the next that can be run, past those that cannot. */
static void go_on(struct batch *batch)
{
	struct err err;

	while (batch->at < batch->count) {
		const struct item *item = &batch->items[batch->at];
		if (item->err.code)
			put_failure(batch, &item->err);
		else if (submit(batch, &err))
			return;
		else
			put_failure(batch, &err);
	}
	finish(batch);
}

static void on_finished(struct job *job)
{
	struct batch *batch = job->owner;

	if (job->error.code) {
		put_failure(batch, &job->error);
	} else {
		nadoo_put_result(&batch->w, &job->spec, &job->result);
		batch->at++;
	}
	record_job(batch->exchange->door, job);
	job_destroy(job);
	go_on(batch);
}

static void on_gone(struct http_request *request)
{
	struct batch *batch = request->owner;

	record_cancel(batch->exchange->door, batch->job);
	buf_finish(&batch->body);
}

/* --- from the body --- */

static void decode_item(struct exchange *exchange, struct yyjson_val *value, struct item *item)
{
	const struct api_context api = exchange_context(exchange);
	struct api_request request = exchange->api;

	request.body = value;
	item->data = (struct nadoo_data){.language = json_text(json_at(value, "/language")),
					 .session_id = json_text(json_at(value, "/session_id"))};
	if (exchange->dialect->decode(&api, &request, exchange->memory, &item->spec, &item->err) ==
	    0)
		item->err.code = 0;
}

/* Each counts for the rate; the request itself was the first. */
static int count_rate(struct exchange *exchange, size_t count, struct err *err)
{
	for (size_t i = 1; i < count; i++) {
		exchange->quota = quota_take(exchange->key, exchange->door->config->rate_per_minute,
					     clock_now_ns());
		if (exchange->quota.allowed)
			continue;
		exchange->door->rate_limited++;
		return err_set(err, ERR_RATE_LIMITED, "%s", err_default_text(ERR_RATE_LIMITED));
	}
	return 0;
}

static int decode(struct exchange *exchange, struct batch *batch, struct err *err)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(exchange->api.body);

	if (nadoo_check(exchange->api.body, true, NULL))
		return err_set(err, ERR_INVALID_FIELD, "%s", err_default_text(ERR_INVALID_FIELD));
	batch->count = json_count(exchange->api.body);
	if (batch->count > NADOO_BATCH_MAX)
		return err_set(err, ERR_LIMIT_EXCEEDED, "Maximum %d executions allowed in a batch",
			       NADOO_BATCH_MAX);
	int rc = count_rate(exchange, batch->count, err);
	for (size_t i = 0; rc == 0 && i < batch->count; i++)
		decode_item(exchange, yyjson_arr_iter_next(&it), &batch->items[i]);
	return rc;
}

static int read_batch(struct exchange *exchange, struct batch *batch, struct err *err)
{
	struct yyjson_doc *doc = NULL;
	int rc = batch ? 0 : err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));

	if (rc == 0 && door_refuses(exchange->door, err) != ERR_OK)
		rc = -err->code;
	if (rc == 0)
		rc = exchange_parse(exchange, &doc, err);
	if (rc == 0)
		rc = decode(exchange, batch, err);
	if (rc < 0) {
		exchange->body_refused = true;
		reply_error(exchange, err);
	}
	json_free(doc);
	return rc;
}

void handle_nadoo_batch(struct exchange *exchange)
{
	struct batch *batch = arena_new(exchange->request->arena, struct batch);
	struct err err;

	if (read_batch(exchange, batch, &err) < 0)
		return;
	batch->exchange = exchange;
	buf_init(&batch->body, BATCH_BYTES_MAX);
	json_writer_init(&batch->w, &batch->body);
	json_array_open(&batch->w, NULL);
	exchange->request->owner = batch;
	exchange->request->on_gone = on_gone;
	go_on(batch);
}
