/* SPDX-License-Identifier: Apache-2.0 */
#include "door/live.h"

#include <stdlib.h>

#include "door/follow.h"
#include "door/headers.h"
#include "door/record.h"
#include "door/run_events.h"
#include "http/limits.h"

struct live {
	struct door *door;
	struct arena *arena; /* of the job's spec */
	struct api_request
	    api; /* for record_document: the body as it was sent, if the dialect needs it */
	struct job *job;
	struct run_events events;
	bool resumable;
};

static void destroy(struct live *live)
{
	arena_destroy(live->arena);
	free(live);
}

/* --- while it runs --- */

static void on_pressure(void *ctx, bool pressure)
{
	engine_pause(((struct live *)ctx)->job, pressure);
}

static void on_alone(void *ctx)
{
	struct live *live = ctx;

	if (live->resumable)
		return;
	record_cancel(live->door, live->job);
	event_log_end(live->events.log);
	destroy(live);
}

static void on_finished(struct job *job)
{
	struct live *live = job->owner;
	const struct dialect *dialect = live->events.dialect;
	_buf_finish_ struct buf body;
	int status = 0;

	buf_init(&body, RESULT_BYTES_MAX);
	if (!job->error.code) {
		status = dialect->encode_result(&body, &job->spec, &job->result);
		record_document(live->door, dialect, &live->api, job, buf_slice(&body));
	}
	record_job(live->door, job);
	run_events_finish(&live->events, job, status, buf_slice(&body));
	job_destroy(job);
	destroy(live);
}

/* --- the beginning --- */

struct live *live_create(struct exchange *exchange)
{
	struct live *live = calloc(1, sizeof(*live));
	size_t bytes = exchange->request->body.len;

	if (!live)
		return NULL;
	live->door = exchange->door;
	live->arena = arena_create(HTTP_ARENA_BYTES + HTTP_ARENA_BYTES_PER_BODY_BYTE * bytes);
	live->job = job_create(exchange->key, on_finished, live);
	/* who feeds it cannot come back */
	live->resumable = !exchange->feed &&
			  header_list_has(http_request_header(exchange->request, "Prefer"),
					  SLICE_LITERAL("resumable"));
	if (!live->arena || !live->job) {
		job_destroy(live->job);
		destroy(live);
		return NULL;
	}
	exchange->memory = live->arena;
	return live;
}

struct job *live_job(struct live *live)
{
	return live->job;
}

void live_drop(struct live *live)
{
	if (live)
		destroy(live);
}

/* False without memory: then the job is cancelled. */
static bool open_log(struct live *live, const struct exchange *exchange)
{
	const struct event_log_owner owner = {on_pressure, on_alone, live};
	struct slice text = exchange->api.text;

	live->events.dialect = exchange->dialect;
	if (exchange->dialect->encode_record)
		live->api.text =
		    (struct slice){arena_copy(live->arena, text.data, text.len), text.len};
	if (exchange->dialect->encode_record && !live->api.text.data)
		return false;
	live->events.log = event_log_create(exchange->door->events, live->job->result.id,
					    exchange->key, live->resumable, &owner);
	return live->events.log;
}

static int follow(struct live *live, struct exchange *exchange)
{
	struct header_list extra = {.arena = exchange->request->arena};

	header_add(&extra, "X-Execution-Id", live->job->result.id);
	if (live->resumable)
		header_add(&extra, "Preference-Applied", "resumable");
	return follow_log(exchange, live->events.log, 0, &extra);
}

bool live_begin(struct live *live, struct exchange *exchange)
{
	struct err err;

	if (open_log(live, exchange)) {
		run_events_attach(&live->events, live->job);
		if (follow(live, exchange) == 0)
			return true;
		event_log_end(live->events.log);
	}
	engine_cancel(live->job);
	destroy(live);
	err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	reply_error(exchange, &err);
	return false;
}

void live_fail(struct live *live, const struct err *err)
{
	struct job *job = live->job;

	record_unfinished(live->door, job, RECORD_CANCELLED);
	job->error = *err;
	run_events_finish(&live->events, job, 0, (struct slice){0});
	engine_cancel(job);
	destroy(live);
}
