/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running an accepted job, and what is kept of it. Its request is decoded twice: when it is
 * accepted, so that its caller hears what is wrong with it, and when its turn comes, perhaps in
 * another process and with another configuration.
 */
#include "door/jobs_run.h"

#include "door/record.h"
#include "http/limits.h"

#define KEPT_BYTES_MAX (DOCUMENT_BYTES_MAX - JOB_HEAD_BYTES_MAX)
#define CUT_BYTES                                                                                  \
	(512 * KIB) /* of each stream, where all is too large to be kept: four of them, six-fold   \
		       in JSON */
/* As much as its first decoding may have taken, and the request itself. */
#define ARENA_BYTES(body) (HTTP_ARENA_BYTES + (HTTP_ARENA_BYTES_PER_BODY_BYTE + 1) * (body))

/* --- its events --- */

/* Who follows it sets the pace. */
static void on_pressure(void *ctx, bool pressure)
{
	struct accepted *accepted = ctx;

	if (accepted->job)
		engine_pause(accepted->job, pressure);
}

bool accepted_open_events(struct accepted *accepted)
{
	const struct event_log_owner owner = {.on_pressure = on_pressure, .ctx = accepted};
	struct run_events *events = &accepted->events;

	events->dialect = &dialect_native;
	if (!events->log)
		events->log = event_log_create(jobs_door(accepted->jobs)->events, accepted->id,
					       accepted->key, true, &owner);
	return events->log;
}

void accepted_close_events(struct accepted *accepted)
{
	struct event_log *log = steal_pointer(accepted->events.log);
	struct slice bytes = buf_slice(&accepted->documents);
	struct document document;

	if (!log)
		return;
	if (document_next(&bytes, &document) > 0)
		run_events_add_answer(log, EVENT_ERROR, 200, document.head);
	event_log_end(log);
}

/* --- the end of the run --- */

static void cut(struct buf *buf, bool *truncated)
{
	if (buf->len <= CUT_BYTES)
		return;
	buf->len = CUT_BYTES;
	*truncated = true;
}

/* Without files and with the beginning of its output: that fits. */
static void make_smaller(struct job_result *result)
{
	cut(&result->run.out, &result->run.out_truncated);
	cut(&result->run.err, &result->run.err_truncated);
	cut(&result->compile.out, &result->compile.out_truncated);
	cut(&result->compile.err, &result->compile.err_truncated);
	collected_finish(&result->artifacts);
	result->artifacts = (struct collected){0};
	result->collected = false;
}

static void encode(struct buf *out, struct job *job)
{
	dialect_native.encode_result(out, &job->spec, &job->result);
	if (out->len)
		return;
	make_smaller(&job->result);
	dialect_native.encode_result(out, &job->spec, &job->result);
}

static uint64_t started_ms(const struct job *job)
{
	return job->started_ns ? clock_wall_ms() - (clock_now_ns() - job->started_ns) / NS_PER_MS
			       : 0;
}

static void finished(struct accepted *accepted, struct job *job)
{
	struct execution_now now = {
	    .state = EXECUTION_FINISHED, .started_ms = started_ms(job), .result = &job->result};
	_buf_finish_ struct buf result;

	buf_init(&result, KEPT_BYTES_MAX);
	encode(&result, job);
	run_events_finish(&accepted->events, job, 200, buf_slice(&result));
	accepted->events.log = NULL;
	record_job(jobs_door(accepted->jobs), job);
	accepted_ended(accepted, &now, buf_slice(&result));
}

static void failed(struct accepted *accepted, const struct job *job)
{
	struct execution_now now = {
	    .state = EXECUTION_FAILED, .started_ms = started_ms(job), .error = &job->error};

	record_unfinished(jobs_door(accepted->jobs), job,
			  job->error.code == ERR_UNAVAILABLE ? RECORD_LOST : RECORD_FAILED);
	if (job->error.code != ERR_UNAVAILABLE)
		accepted_ended(accepted, &now, (struct slice){0});
	else if (job->started_ns)
		accepted_stopped(accepted, now.started_ms);
	else
		accepted_return(accepted);
}

static void on_finished(struct job *job)
{
	struct accepted *accepted = job->owner;

	if (job->error.code)
		failed(accepted, job);
	else
		finished(accepted, job);
	job_destroy(job);
}

/* --- its beginning --- */

/* What its request was sent with, as far as it matters: it is run because of that. */
static struct slice header_of(const struct api_request *request _unused_, const char *name)
{
	return strcmp(name, "Prefer") == 0 ? SLICE_LITERAL("respond-async") : (struct slice){0};
}

static int decode(struct accepted *accepted, struct slice text, struct job_spec *ret_spec,
		  struct err *err)
{
	const struct api_context api = door_context(jobs_door(accepted->jobs), accepted->key);
	struct api_request request = {.header = header_of};
	struct yyjson_doc *doc = NULL;

	accepted->arena = arena_create(ARENA_BYTES(text.len));
	char *copy = arena_alloc(accepted->arena, text.len + JSON_PADDING_BYTES);
	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	memcpy(copy, text.data, text.len);
	request.text = (struct slice){copy, text.len};
	int rc = json_parse_in_place(&doc, copy, text.len, err);
	request.body = rc == 0 ? json_root(doc) : NULL;
	if (rc == 0)
		rc = dialect_native.decode(&api, &request, accepted->arena, ret_spec, err);
	json_free(doc);
	return rc;
}

static int submit(struct accepted *accepted, struct slice request, struct err *err)
{
	struct job *job = job_create(accepted->key, on_finished, accepted);

	if (!job)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	memcpy(job->result.id, accepted->id, sizeof(job->result.id));
	int rc = decode(accepted, request, &job->spec, err);
	if (rc == 0 && accepted_open_events(accepted))
		run_events_attach(&accepted->events, job);
	if (rc == 0)
		rc = door_submit(jobs_door(accepted->jobs), &dialect_native, job, err);
	if (rc < 0)
		job_destroy(job);
	else
		accepted->job = job;
	return rc;
}

/* Nothing is wrong with the job: it may go well a little later. */
static bool is_passing(int rc)
{
	return rc == -ERR_QUEUE_FULL || rc == -ERR_DRAINING || rc == -ERR_NO_MEMORY ||
	       rc == -ERR_UNAVAILABLE;
}

void accepted_run(struct accepted *accepted, struct slice request)
{
	struct execution_now now = {.state = EXECUTION_FAILED};
	struct err err;
	int rc;

	if (accepted->key->facts.revoked)
		rc = err_set(&err, ERR_FORBIDDEN, "The key that sent this has been revoked.");
	else
		rc = submit(accepted, request, &err);
	documents_end(&accepted->wait);
	now.error = &err;
	if (is_passing(rc))
		accepted_return(accepted);
	else if (rc < 0)
		accepted_ended(accepted, &now, (struct slice){0});
}

/* --- what is kept --- */

bool accepted_write_end(struct accepted *accepted, const struct execution_now *now,
			struct slice result)
{
	struct document document = {.kind = DOCUMENT_JOB, .body = result};
	_buf_finish_ struct buf head;

	buf_init(&head, JOB_HEAD_BYTES_MAX);
	execution_rewrite_head(&head, buf_slice(&accepted->head), now);
	memcpy(document.id, accepted->id, sizeof(document.id));
	document.head = buf_slice(&head);
	document.expires_ms = now->ended_ms + jobs_door(accepted->jobs)->config->job_time_ms;
	return head.len && document_write(&accepted->documents, &document) == 0;
}
