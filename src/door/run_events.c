/* SPDX-License-Identifier: Apache-2.0 */
#include "door/run_events.h"

#include "api/native.h"

#define ERROR_BYTES (16 * KIB)

static const char *stage_text(const struct job *job)
{
	return job->stage == STAGE_COMPILE ? "compile" : "run";
}

static void on_stage(struct job *job)
{
	struct run_events *events = job->stream_ctx;
	struct event_writer w;

	event_begin(&w, events->log, EVENT_STARTED);
	json_put_text(&w.json, "id", job->result.id);
	json_put_text(&w.json, "stage", stage_text(job));
	json_put_text(&w.json, "language", job->spec.runtime->id);
	json_put_text(&w.json, "version", job->spec.version->version);
	json_put_u64(&w.json, "at_ms", clock_wall_ms());
	event_end(&w);
}

static void add_output(struct run_events *events, const struct job *job, unsigned stream,
		       struct slice data)
{
	struct event_writer w;

	if (data.len == 0)
		return;
	event_begin(&w, events->log, stream ? EVENT_STDERR : EVENT_STDOUT);
	json_put_text(&w.json, "stage", stage_text(job));
	if (job->spec.output_encoding == OUTPUT_BASE64)
		json_put_base64(&w.json, "data", data);
	else
		json_put_bytes(&w.json, "data", data);
	event_end(&w);
}

static void on_data(struct job *job, unsigned stream, struct slice data)
{
	struct run_events *events = job->stream_ctx;

	if (job->spec.output_encoding == OUTPUT_BASE64) {
		add_output(events, job, stream, data);
		return;
	}
	while (data.len)
		add_output(events, job, stream, text_part(&events->tails[stream], &data));
}

static void on_exit_of(struct job *job)
{
	struct run_events *events = job->stream_ctx;

	for (unsigned i = 0; i < ARRAY_LEN(events->tails); i++)
		add_output(events, job, i, text_rest(&events->tails[i]));
}

void run_events_attach(struct run_events *events, struct job *job)
{
	static const struct job_stream stream = {
	    .on_stage = on_stage,
	    .on_data = on_data,
	    .on_exit = on_exit_of,
	};

	job->stream = &stream;
	job->stream_ctx = events;
}

/* --- the end --- */

static void add_artifacts(struct run_events *events, const struct job *job)
{
	const struct collected *collected = &job->result.artifacts;
	struct event_writer w;

	for (size_t i = 0; i < collected->count; i++) {
		if (collected->files[i].skip != COLLECT_TAKEN)
			continue;
		event_begin(&w, events->log, EVENT_ARTIFACT);
		native_put_file(&w.json, &collected->files[i]);
		event_end(&w);
	}
}

void run_events_add_answer(struct event_log *log, enum event_kind kind, int status,
			   struct slice body)
{
	struct event_writer w;

	event_begin(&w, log, kind);
	json_put_u64(&w.json, "status", (uint64_t)status);
	json_put_json(&w.json, "body", body);
	event_end(&w);
}

static void add_error(struct run_events *events, const struct job *job, const struct err *err)
{
	_buf_finish_ struct buf body;

	buf_init(&body, ERROR_BYTES);
	int status = events->dialect->encode_error(&body, err, job->result.id);
	run_events_add_answer(events->log, EVENT_ERROR, status, body.len ? buf_slice(&body) : SLICE_LITERAL("null"));
}

void run_events_finish(struct run_events *events, const struct job *job, int status,
		       struct slice answer)
{
	struct err err;

	if (job->error.code) {
		add_error(events, job, &job->error);
	} else if (answer.len == 0) {
		err_set(&err, ERR_NO_MEMORY, "The result is too large for this server's memory.");
		add_error(events, job, &err);
	} else {
		add_artifacts(events, job);
		run_events_add_answer(events->log, EVENT_RESULT, status, answer);
	}
	event_log_end(events->log);
}
