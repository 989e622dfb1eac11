/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/batch: compiles what is to be compiled, once; then runs the tests, as many at once as
 * there are processors; then answers. Of a test nothing is kept but its result. A test waits in the
 * same queue as every run, so batches take turns with what other keys want.
 */
#define _GNU_SOURCE
#include "door/batch.h"

#include <sched.h>
#include <unistd.h>

#include "api/guard.h"
#include "base/fd.h"
#include "door/handlers.h"
#include "json/json.h"

#define ANSWER_BYTES_MAX (512 * MIB)

/* --- the end --- */

static void release_program(struct batch_program *program)
{
	if (program->compiling)
		record_cancel(program->batch->exchange->door, program->job);
	else
		job_destroy(program->job);
	program->artefact_fd = fd_close(program->artefact_fd);
}

/* Everything that is not in the arena; what still runs is ended. */
static void release(struct batch *batch)
{
	batch_stream_drop(batch);
	for (size_t i = 0; i < batch->place_count; i++)
		batch_test_cancel(&batch->places[i]);
	for (size_t i = 0; i < BATCH_PARTS; i++)
		release_program(&batch->programs[i]);
	for (size_t i = 0; i < batch->request.count; i++) {
		buf_finish(&batch->results[i].run.out);
		buf_finish(&batch->results[i].run.err);
	}
}

static void on_gone(struct http_request *request)
{
	release(request->owner);
}

static void fail(struct batch *batch, const struct err *err)
{
	release(batch);
	reply_error(batch->exchange, err);
}

static void write_answer(struct batch *batch, struct buf *body)
{
	struct json_writer w;

	json_writer_init(&w, body);
	json_object_open(&w, NULL);
	batch_put_head(&w, &batch->request, &batch->summary);
	batch_put_totals(&w, &batch->request, batch->results, &batch->summary);
	json_array_open(&w, "tests");
	for (size_t i = 0; i < batch->request.count; i++) {
		json_object_open(&w, NULL);
		batch_put_result(&w, &batch->request, i, &batch->results[i]);
		json_object_close(&w);
	}
	json_array_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
}

static void answer(struct batch *batch)
{
	struct exchange *exchange = batch->exchange;
	struct buf body;
	struct err err;

	batch->summary.wall_ns = clock_now_ns() - batch->began_ns;
	if (batch_stream_end(batch, release))
		return;
	buf_init(&body, ANSWER_BYTES_MAX);
	write_answer(batch, &body);
	release(batch);
	if (body.len) {
		reply_json(exchange, 200, &body);
		return;
	}
	err_set(&err, ERR_NO_MEMORY, "The results are too large for this server's memory.");
	reply_error(exchange, &err);
}

/* --- tests --- */

static void go_on(struct batch *batch);

static struct batch_place *free_place(struct batch *batch)
{
	for (size_t i = 0; i < batch->place_count; i++)
		if (!batch->places[i].taken)
			return &batch->places[i];
	return NULL;
}

/* Those behind the first failure have not been run, whatever was begun. */
static void skip_rest(struct batch *batch)
{
	for (size_t i = batch->end; i < batch->request.count; i++) {
		buf_finish(&batch->results[i].run.out);
		buf_finish(&batch->results[i].run.err);
		batch->results[i] = (struct batch_result){.done = true, .verdict = VERDICT_SK};
	}
}

static void on_drained(struct http_request *request)
{
	struct batch *batch = request->owner;

	batch_stream_go_on(batch);
	go_on(batch);
}

static void stop_behind(struct batch *batch, size_t index)
{
	batch->end = MIN_OF(batch->end, index + 1);
	for (size_t i = 0; i < batch->place_count; i++) {
		struct batch_place *place = &batch->places[i];
		if (!place->taken || place->index < batch->end)
			continue;
		batch_test_cancel(place);
		batch->taken--;
	}
}

static void note(struct batch *batch, size_t index)
{
	struct batch_result *result = &batch->results[index];

	result->done = true;
	if (batch->request.stop_on_failure && result->verdict != VERDICT_AC)
		stop_behind(batch, index);
	batch_stream_go_on(batch);
}

static void go_on(struct batch *batch)
{
	struct batch_place *place;
	struct err err;

	while (batch->next < batch->end && !batch_stream_is_full(batch) &&
	       (place = free_place(batch))) {
		size_t index = batch->next++;
		if (batch_test_begin(place, index, &err) == 0) {
			batch->taken++;
			continue;
		}
		if (!batch->admitted) {
			fail(batch, &err);
			return;
		}
		batch_result_fail(&batch->results[index], &err);
		note(batch, index);
	}
	batch_stream_begin(batch);
	if (batch->taken || batch->next < batch->end)
		return;
	if (!batch->stream.over)
		skip_rest(batch);
	answer(batch);
}

void batch_test_done(struct batch_place *place)
{
	struct batch *batch = place->batch;

	batch->taken--;
	note(batch, place->index);
	go_on(batch);
}

/* --- compiling --- */

struct job *batch_job(struct batch *batch, enum batch_part part, const struct job_spec *spec,
		      void (*on_finished)(struct job *), void *owner)
{
	const struct batch_program *program = &batch->programs[part];
	struct job *job = job_create(batch->exchange->key, on_finished, owner);

	if (!job)
		return NULL;
	job->spec = *spec;
	if (program->artefact_fd < 0)
		return job;
	job->artefact_fd = dup(program->artefact_fd);
	if (job->artefact_fd >= 0)
		return job;
	job_destroy(job);
	return NULL;
}

int batch_submit(struct batch *batch, struct job *job, struct err *err)
{
	if (!job)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	job->queue.admitted = batch->admitted;
	int rc = exchange_submit(batch->exchange, job, err);
	if (rc < 0)
		job_destroy(job);
	else
		batch->admitted = true;
	return rc;
}

static void all_failed_to_compile(struct batch *batch)
{
	for (size_t i = 0; i < batch->request.count; i++) {
		batch->results[i].verdict = VERDICT_CE;
		batch->results[i].done = true;
	}
	batch->next = batch->request.count;
}

/* The caller's own program, which is to judge, is not one. */
static void refuse_helper(struct batch *batch, const struct batch_program *program)
{
	const struct stage_result *compile = &program->job->result.compile;
	const struct buf *words = compile->err.len ? &compile->err : &compile->out;
	struct err err;

	err_field(&err, ERR_INVALID_FIELD, program->field, "The %s does not compile (%s): %.*s",
		  program->field, run_status_name(compile->status),
		  (int)MIN_OF(words->len, (size_t)200), words->data);
	fail(batch, &err);
}

static bool is_compiling(const struct batch *batch)
{
	for (size_t i = 0; i < BATCH_PARTS; i++)
		if (batch->programs[i].compiling)
			return true;
	return false;
}

static void on_compiled(struct job *job)
{
	struct batch_program *program = job->owner;
	struct batch *batch = program->batch;

	program->compiling = false;
	record_job(batch->exchange->door, job);
	if (job->error.code) {
		struct err err = job->error;
		fail(batch, &err);
		return;
	}
	program->artefact_fd = job->artefact_fd;
	job->artefact_fd = -1;
	if (job->result.status != RUN_STATUS_OK) {
		if (program != &batch->programs[BATCH_SOURCE]) {
			refuse_helper(batch, program);
			return;
		}
		all_failed_to_compile(batch);
	}
	if (!is_compiling(batch))
		go_on(batch);
}

/* 0, or a negative code with *err. */
static int compile(struct batch *batch, struct batch_program *program, struct err *err)
{
	if (!program->spec || !program->spec->version->compile.argc)
		return 0;
	struct job *job = batch_job(batch, (enum batch_part)(program - batch->programs),
				    program->spec, on_compiled, program);
	if (job)
		job->compile_only = true;
	int rc = batch_submit(batch, job, err);
	program->compiling = rc == 0;
	program->job = rc == 0 ? job : NULL;
	return rc;
}

static void begin(struct batch *batch)
{
	struct err err;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BATCH_PARTS; i++)
		rc = compile(batch, &batch->programs[i], &err);
	if (rc < 0) {
		fail(batch, &err);
		return;
	}
	if (batch->programs[BATCH_SOURCE].job)
		batch->summary.compile = &batch->programs[BATCH_SOURCE].job->result;
	if (!is_compiling(batch))
		go_on(batch);
}

/* --- from the body --- */

/* As many at once as can really run at once: more would take each other's time. */
static size_t places_for(const struct batch *batch)
{
	const struct config *config = batch->exchange->door->config;
	uint64_t most = config->batch_runs_max,
		 of_key = batch->exchange->key->facts.limits.concurrent_runs;
	cpu_set_t processors;

	if (!most)
		most = sched_getaffinity(0, sizeof(processors), &processors) == 0
			   ? (uint64_t)CPU_COUNT(&processors)
			   : 1;
	if (of_key)
		most = MIN_OF(most, of_key);
	most = MIN_OF(most, config->runs_max);
	return MIN_OF(MAX_OF(most, 1u), batch->request.count);
}

static int make_places(struct batch *batch, struct err *err)
{
	struct arena *arena = batch->exchange->request->arena;
	const struct batch_request *request = &batch->request;
	size_t files =
	    MAX_OF(request->checker.spec.file_count, request->interactor.spec.file_count);

	batch->results = arena_array(arena, struct batch_result, batch->request.count);
	batch->place_count = places_for(batch);
	batch->places = arena_array(arena, struct batch_place, batch->place_count);
	bool good = batch->results && batch->places;
	for (size_t i = 0; good && i < batch->place_count; i++) {
		batch->places[i].batch = batch;
		batch->places[i].files = arena_array(arena, struct job_file, files);
		good = batch->places[i].files;
	}
	if (good)
		return 0;
	batch->place_count = 0;
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

/* What would be refused when a test is submitted is refused before anything runs. */
static int guard_tests(struct batch *batch, const struct api_context *api, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < batch->request.count; i++)
		rc = guard_apply(api, batch->exchange->dialect, &batch->request.tests[i].spec, err);
	return rc;
}

static int decode(struct batch *batch, struct err *err)
{
	struct exchange *exchange = batch->exchange;
	const struct api_context api = exchange_context(exchange);
	struct yyjson_doc *doc = NULL;
	int rc = door_refuses(exchange->door, err) == ERR_OK ? exchange_parse(exchange, &doc, err)
							     : -err->code;

	if (rc == 0)
		rc = batch_decode(&api, exchange->api.body, exchange->request->arena,
				  &batch->request, err);
	if (rc == 0)
		rc = guard_tests(batch, &api, err);
	if (rc == 0)
		rc = make_places(batch, err);
	exchange->body_refused = rc < 0;
	json_free(doc);
	return rc;
}

static void set_programs(struct batch *batch)
{
	const struct batch_request *request = &batch->request;
	const struct batch_program programs[BATCH_PARTS] = {
	    [BATCH_SOURCE] = {.field = "code", .spec = &request->source},
	    [BATCH_CHECKER] = {.field = "checker",
			       .spec = request->checker.present ? &request->checker.spec : NULL},
	    [BATCH_INTERACTOR] = {.field = "interactor",
				  .spec = request->interactor.present ? &request->interactor.spec
								      : NULL},
	};

	for (size_t i = 0; i < BATCH_PARTS; i++) {
		batch->programs[i] = programs[i];
		batch->programs[i].batch = batch;
		batch->programs[i].artefact_fd = -1;
	}
}

void handle_batch(struct exchange *exchange)
{
	struct batch *batch = arena_new(exchange->request->arena, struct batch);
	struct err err;

	if (!batch) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	batch->exchange = exchange;
	batch->began_ns = clock_now_ns();
	id_make(batch->summary.id, "bat");
	if (decode(batch, &err) < 0) {
		reply_error(exchange, &err);
		return;
	}
	batch->end = batch->request.count;
	set_programs(batch);
	exchange->request->owner = batch;
	exchange->request->on_gone = on_gone;
	exchange->request->on_drained = on_drained;
	batch_stream_choose(batch);
	begin(batch);
}
