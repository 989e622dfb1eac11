/* SPDX-License-Identifier: Apache-2.0 */
/* One test: its run, in a jail that has its input and nothing else of it, and what a checker says.
 */
#include <string.h>

#include "door/batch.h"

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
	place->job = NULL;
	batch_test_done(place);
}

/* Whether the bytes that it writes decide, and we compare them ourselves. */
static bool compares(const struct batch_place *place)
{
	return !place->batch->request.checker.present && test_of(place)->has_expected;
}

/* --- what is kept of a run --- */

/* The first bytes, which the answer shows; the rest is freed. */
static void keep_output(struct buf *ret_kept, struct buf *output, uint64_t most)
{
	buf_init(ret_kept, most);
	if (output->len)
		buf_append(ret_kept, output->data, MIN_OF(output->len, most));
}

static void keep_run(struct batch_result *result, struct job *job, uint64_t show_bytes)
{
	struct stage_result *run = &job->result.run;

	keep_output(&result->out, &run->out, show_bytes);
	keep_output(&result->err, &run->err, show_bytes);
	result->run = job->result;
	/* the job's own memory: nobody looks for it here */
	memset(&result->run.run.out, 0, sizeof(run->out));
	memset(&result->run.run.err, 0, sizeof(run->err));
	memset(&result->run.violations, 0, sizeof(result->run.violations));
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

/* --- a checker program --- */

static void take_opinion(struct batch_result *result, const struct job_result *checker)
{
	struct err err;

	judge_opinion(&result->opinion, checker);
	result->has_opinion = true;
	result->verdict = result->opinion.verdict;
	result->share = result->opinion.share;
	if (result->verdict != VERDICT_IE)
		return;
	err_set(&err, ERR_HELPER_FAILED, "The checker gave no answer: it ended with '%s'%s.",
		run_status_name(checker->status),
		checker->run.has_exit_code ? " and an exit code or words that are none" : "");
	batch_result_fail(result, &err);
}

static void on_checked(struct job *job)
{
	struct batch_place *place = job->owner;

	buf_finish(&place->output);
	if (job->error.code) {
		batch_result_fail(result_of(place), &job->error);
	} else {
		record_job(place->batch->exchange->door, job);
		take_opinion(result_of(place), &job->result);
	}
	job_destroy(job);
	done(place);
}

static void fill_files(struct batch_place *place, struct job_spec *spec)
{
	const struct batch_test *test = test_of(place);
	struct job_file *last = place->files + spec->file_count - BATCH_FILES;

	memcpy(place->files, spec->files, spec->file_count * sizeof(*place->files));
	last[BATCH_INPUT].data = test->spec.stdin_data;
	last[BATCH_OUTPUT].data = buf_slice(&place->output);
	last[BATCH_EXPECTED].data = test->expected;
	spec->files = place->files;
}

static void check(struct batch_place *place)
{
	struct batch *batch = place->batch;
	struct job_spec spec = batch->request.checker.spec;
	struct err err;

	fill_files(place, &spec);
	struct job *job = batch_job(batch, BATCH_CHECKER, &spec, on_checked, place);
	if (batch_submit(batch, job, &err) == 0) {
		place->job = job;
		return;
	}
	buf_finish(&place->output);
	fail(place, &err);
}

/* --- the run --- */

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

	if (compares(place) && !compare_end(&place->compare)) {
		result->verdict = VERDICT_WA;
		result->difference = place->compare.difference;
	}
	result->share = result->verdict == VERDICT_AC ? JUDGE_SHARE_WHOLE : 0;
}

static void on_finished(struct job *job)
{
	struct batch_place *place = job->owner;
	struct batch *batch = place->batch;
	struct batch_result *result = result_of(place);

	if (job->error.code) {
		batch_result_fail(result, &job->error);
		job_destroy(job);
		done(place);
		return;
	}
	record_job(batch->exchange->door, job);
	result->verdict = judge_run(&job->result, test_of(place)->expected_exit_code);
	keep_run(result, job, batch->request.show_bytes);
	bool checked = batch->request.checker.present && result->verdict == VERDICT_AC;
	if (checked) {
		place->output = job->result.run.out;
		memset(&job->result.run.out, 0, sizeof(place->output));
	}
	job_destroy(job);
	if (checked) {
		check(place);
		return;
	}
	if (result->verdict == VERDICT_AC)
		judge_output(place);
	done(place);
}

int batch_test_begin(struct batch_place *place, size_t index, struct err *err)
{
	struct batch *batch = place->batch;
	const struct batch_request *request = &batch->request;

	place->index = index;
	const struct batch_test *test = test_of(place);
	struct job *job = batch_job(batch, BATCH_SOURCE, &test->spec, on_finished, place);
	if (job) {
		job->keep_bytes = request->checker.present ? UINT64_MAX : request->show_bytes;
		job->stream = compares(place) ? &looking_on : NULL;
	}
	compare_begin(&place->compare, &request->rule, test->expected);
	int rc = batch_submit(batch, job, err);
	place->taken = rc == 0;
	place->job = rc == 0 ? job : NULL;
	return rc;
}

void batch_test_cancel(struct batch_place *place)
{
	if (place->job)
		engine_cancel(place->job);
	buf_finish(&place->output);
	place->job = NULL;
	place->taken = false;
}
