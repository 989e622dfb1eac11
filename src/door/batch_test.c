/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One test: its run, in a jail that has its input and nothing else of it, and what a checker says;
 * or its run beside an interactor, each in a jail of its own.
 */
#include <string.h>

#include "api/guard.h"
#include "api/limit.h"
#include "door/batch.h"

/* An interactor has so much more time than the program: it is to see it end. */
#define INTERACTOR_MORE_MS 2000

static const struct batch_test *test_of(const struct batch_place *place)
{
	return &place->batch->request.tests[place->index];
}

static struct batch_result *result_of(const struct batch_place *place)
{
	return &place->batch->results[place->index];
}

static void done(struct batch_place *place)
{
	place->taken = false;
	batch_test_done(place);
}

/* Whether the bytes that it writes decide, and we compare them ourselves. */
static bool compares(const struct batch_place *place)
{
	const struct batch_request *request = &place->batch->request;

	return !request->checker.present && !request->interactor.present &&
	       test_of(place)->has_expected;
}

/* --- what is kept of a run --- */

/* The first bytes, which the answer shows. */
static void keep_output(struct buf *ret_kept, const struct buf *output, uint64_t most)
{
	buf_init(ret_kept, most);
	if (output->len)
		buf_append(ret_kept, output->data, MIN_OF(output->len, most));
}

static void keep_run(struct batch_place *place, const struct job *job)
{
	const struct stage_result *run = &job->result.run;
	uint64_t most = place->batch->request.show_bytes;
	struct batch_result *result = result_of(place);

	memcpy(result->id, job->result.id, sizeof(result->id));
	result->run = *run;
	keep_output(&result->run.out, &run->out, most);
	keep_output(&result->run.err, &run->err, most);
	result->verdict = judge_run(&job->result, test_of(place)->expected_exit_code);
}

void batch_result_fail(struct batch_result *result, const struct err *err)
{
	result->verdict = VERDICT_IE;
	result->share = 0;
	result->error = *err;
}

static void fail(struct batch_place *place, const struct err *err)
{
	batch_result_fail(result_of(place), err);
	done(place);
}

/* --- checkers and interactors --- */

static void take_opinion(struct batch_result *result, const struct job_result *helper)
{
	judge_opinion(&result->opinion, helper);
	result->has_opinion = true;
	if (result->opinion.verdict == VERDICT_IE)
		err_set(&result->error, ERR_HELPER_FAILED,
			"It gave no answer: it ended with '%s'%s.", run_status_name(helper->status),
			helper->run.has_exit_code ? " and an exit code or words that are none"
						  : "");
}

/* A job with the test's files; NULL out of memory. */
static struct job *helper_job(struct batch_place *place, enum batch_part part,
			      void (*on_finished)(struct job *))
{
	const struct batch_test *test = test_of(place);
	struct job_spec spec = *place->batch->programs[part].spec;
	struct job_file *last = place->files + spec.file_count - BATCH_FILES;

	memcpy(place->files, spec.files, spec.file_count * sizeof(*place->files));
	last[BATCH_INPUT].data = test->spec.stdin_data;
	last[BATCH_OUTPUT].data = buf_slice(&place->output);
	last[BATCH_EXPECTED].data = test->expected;
	spec.files = place->files;
	return batch_job(place->batch, part, &spec, on_finished, place);
}

static void on_checked(struct job *job)
{
	struct batch_place *place = job->owner;
	struct batch_result *result = result_of(place);

	place->job = NULL;
	buf_finish(&place->output);
	record_job(place->batch->exchange->door, job);
	if (job->error.code) {
		batch_result_fail(result, &job->error);
	} else {
		take_opinion(result, &job->result);
		result->verdict = result->opinion.verdict;
		result->share = result->opinion.share;
	}
	job_destroy(job);
	done(place);
}

static void check(struct batch_place *place)
{
	struct err err;
	struct job *job = helper_job(place, BATCH_CHECKER, on_checked);

	if (batch_submit(place->batch, job, &err) == 0) {
		place->job = job;
		return;
	}
	buf_finish(&place->output);
	fail(place, &err);
}

/* --- a run --- */

static void on_data(struct job *job, unsigned stream, struct slice data)
{
	struct batch_place *place = job->owner;

	if (stream == 0 && job->stage == STAGE_RUN)
		compare_feed(&place->compare, data);
}

static const struct job_stream looking_on = {.on_data = on_data};

static void judge_output(struct batch_place *place)
{
	struct batch_result *result = result_of(place);

	if (result->verdict == VERDICT_AC && compares(place) && !compare_end(&place->compare)) {
		result->verdict = VERDICT_WA;
		result->difference = place->compare.difference;
	}
	result->share = result->verdict == VERDICT_AC ? JUDGE_SHARE_WHOLE : 0;
}

static void on_finished(struct job *job)
{
	struct batch_place *place = job->owner;
	struct err err = job->error;
	bool checked = false;

	place->job = NULL;
	record_job(place->batch->exchange->door, job);
	if (!err.code) {
		keep_run(place, job);
		checked = place->batch->request.checker.present &&
			  result_of(place)->verdict == VERDICT_AC;
	}
	if (checked) { /* all of what it wrote is the checker's */
		place->output = job->result.run.out;
		job->result.run.out = (struct buf){0};
	}
	job_destroy(job);
	if (err.code) {
		fail(place, &err);
	} else if (checked) {
		check(place);
	} else {
		judge_output(place);
		done(place);
	}
}

static struct job *program_job(struct batch_place *place, void (*end)(struct job *))
{
	const struct batch_request *request = &place->batch->request;
	struct job *job = batch_job(place->batch, BATCH_SOURCE, &test_of(place)->spec, end, place);

	if (!job)
		return NULL;
	job->keep_bytes = request->checker.present ? UINT64_MAX : request->show_bytes;
	job->stream = compares(place) ? &looking_on : NULL;
	return job;
}

/* --- a run beside an interactor --- */

static void end_job(const struct batch_place *place, struct job **job)
{
	struct job *ended = steal_pointer(*job);

	if (ended && ended->state == JOB_NEW)
		job_destroy(ended);
	else if (ended)
		record_cancel(place->batch->exchange->door, ended);
}

/* The one that is left, after the other could not be run. */
static void fail_pair(struct batch_place *place, const struct err *err)
{
	end_job(place, &place->job);
	end_job(place, &place->interactor);
	fail(place, err);
}

static void pair_ended(struct batch_place *place)
{
	struct batch_result *result = result_of(place);

	if (place->job || place->interactor)
		return;
	result->verdict = judge_pair(result->verdict, &result->run, result->opinion.verdict,
				     place->interactor_ended_ns < place->program_ended_ns);
	if (result->verdict != VERDICT_IE)
		result->error.code = 0; /* the program's own verdict: what became of the interactor
					   does not matter */
	result->share = result->verdict == result->opinion.verdict ? result->opinion.share : 0;
	done(place);
}

static void on_program_ended(struct job *job)
{
	struct batch_place *place = job->owner;
	struct err err = job->error;

	place->job = NULL;
	place->program_ended_ns = job->done.ended_ns;
	record_job(place->batch->exchange->door, job);
	if (!err.code)
		keep_run(place, job);
	job_destroy(job);
	if (err.code)
		fail_pair(place, &err);
	else
		pair_ended(place);
}

static void on_interactor_ended(struct job *job)
{
	struct batch_place *place = job->owner;
	struct err err = job->error;

	place->interactor = NULL;
	place->interactor_ended_ns = job->done.ended_ns;
	record_job(place->batch->exchange->door, job);
	if (!err.code)
		take_opinion(result_of(place), &job->result);
	job_destroy(job);
	if (err.code)
		fail_pair(place, &err);
	else
		pair_ended(place);
}

static void set_interactor_wall(const struct batch_place *place, struct job_spec *spec)
{
	const struct batch *batch = place->batch;
	const struct api_context api = exchange_context(batch->exchange);

	if (!batch->request.interactor.has_wall)
		limit_preset(LIMIT_wall_time_ms,
			     test_of(place)->spec.limits.wall_time_ms + INTERACTOR_MORE_MS, &api,
			     spec->runtime, &spec->limits);
}

/* The interactor's part of what batch_submit does for the program, whose partner it becomes. */
static int join_interactor(struct batch_place *place, struct job *program, struct err *err)
{
	const struct exchange *exchange = place->batch->exchange;
	const struct api_context api = exchange_context(exchange);
	struct job *interactor = helper_job(place, BATCH_INTERACTOR, on_interactor_ended);

	if (!interactor)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	place->interactor = interactor;
	set_interactor_wall(place, &interactor->spec);
	int rc = guard_apply(&api, exchange->dialect, &interactor->spec, err);
	if (rc < 0)
		return rc;
	rc = engine_join(program, interactor);
	return rc < 0 ? err_set(err, (enum err_code) - rc, "%s", err_default_text(rc)) : 0;
}

static int begin_pair(struct batch_place *place, struct err *err)
{
	struct job *program = program_job(place, on_program_ended);
	int rc = program ? join_interactor(place, program, err)
			 : err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));

	if (rc < 0)
		job_destroy(program);
	else
		rc = batch_submit(place->batch, program, err);
	if (rc < 0)
		end_job(place, &place->interactor);
	else
		place->job = program;
	return rc;
}

/* --- either --- */

static int begin_alone(struct batch_place *place, struct err *err)
{
	struct job *job = program_job(place, on_finished);

	compare_begin(&place->compare, &place->batch->request.rule, test_of(place)->expected);
	int rc = batch_submit(place->batch, job, err);
	place->job = rc == 0 ? job : NULL;
	return rc;
}

int batch_test_begin(struct batch_place *place, size_t index, struct err *err)
{
	place->index = index;
	int rc = place->batch->request.interactor.present ? begin_pair(place, err)
							  : begin_alone(place, err);
	place->taken = rc == 0;
	return rc;
}

void batch_test_cancel(struct batch_place *place)
{
	end_job(place, &place->job);
	end_job(place, &place->interactor);
	buf_finish(&place->output);
	place->taken = false;
}
