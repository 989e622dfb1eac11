/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a batch. The order of fields never changes. */
#include "api/batch.h"

#include "api/native.h"
#include "api/stage.h"

#define POINTS_DECIMALS 3
#define POINTS_SCALE	1000

/* In thousandths. */
static uint64_t earned(const struct batch_test *test, const struct batch_result *result)
{
	return test->points * POINTS_SCALE * result->share / JUDGE_SHARE_WHOLE;
}

static void put_excerpt(struct json_writer *w, const char *key, const struct excerpt *excerpt)
{
	if (excerpt->there)
		json_put_bytes(w, key, (struct slice){excerpt->text, excerpt->len});
	else
		json_put_null(w, key);
}

static void put_difference(struct json_writer *w, const struct difference *difference)
{
	if (!difference->found)
		return;
	json_object_open(w, "difference");
	json_put_u64(w, "line", difference->line);
	json_put_u64(w, "column", difference->column);
	if (difference->token)
		json_put_u64(w, "token", difference->token);
	put_excerpt(w, "expected", &difference->expected);
	put_excerpt(w, "got", &difference->got);
	json_object_close(w);
}

/* How the run ended; nulls and zeros of one that there was not. */
static void put_run(struct json_writer *w, const struct batch_result *result)
{
	const struct stage_result *run = &result->run;

	json_put_text(w, "status", run->present ? run_status_name(run->status) : NULL);
	stage_put_code(w, "exit_code", run);
	stage_put_signal(w, run);
	json_put_ms(w, "wall_time_ms", run->wall_ns);
	json_put_ms(w, "cpu_time_ms", run->cpu_ns);
	json_put_u64(w, "memory_peak_bytes", run->memory_peak_bytes);
}

static void put_reason(struct json_writer *w, const struct batch_result *result)
{
	const struct opinion *opinion = &result->opinion;

	if (result->error.code)
		native_put_reason(w, &result->error);
	if (result->run.note[0])
		json_put_text(w, "message", result->run.note);
	if (result->has_opinion)
		json_put_bytes(w, "checker_message",
			       (struct slice){opinion->message, opinion->message_len});
}

void batch_put_result(struct json_writer *w, const struct batch_request *request, size_t index,
		      const struct batch_result *result)
{
	const struct batch_test *test = &request->tests[index];

	json_put_u64(w, "index", index);
	if (test->name.data)
		json_put_bytes(w, "name", test->name);
	json_put_text(w, "id", result->id[0] ? result->id : NULL);
	json_put_text(w, "verdict", verdict_name(result->verdict));
	json_put_decimal(w, "points", earned(test, result), POINTS_DECIMALS);
	put_run(w, result);
	put_difference(w, &result->difference);
	put_reason(w, result);
	if (!request->show_bytes)
		return;
	native_put_output(w, "stdout", &result->run.out, request->source.output_encoding);
	native_put_output(w, "stderr", &result->run.err, request->source.output_encoding);
}

void batch_put_head(struct json_writer *w, const struct batch_request *request,
		    const struct batch_summary *summary)
{
	const struct job_spec *spec = &request->source;

	json_put_text(w, "id", summary->id);
	json_put_text(w, "language", spec->runtime->id);
	json_put_text(w, "version", spec->version->version);
	if (!summary->compile)
		return;
	json_object_open(w, "compile");
	native_put_compile(w, spec, &summary->compile->compile);
	json_object_close(w);
}

/* --- totals --- */

struct totals {
	uint64_t of[VERDICT_COUNT];
	uint64_t points, points_most;
	uint64_t cpu_ns, cpu_ns_most, wall_ns_most, memory_most;
	enum verdict verdict; /* of the first that was not accepted */
};

static void add(struct totals *totals, const struct batch_test *test,
		const struct batch_result *result)
{
	const struct stage_result *run = &result->run;

	totals->of[result->verdict]++;
	totals->points += earned(test, result);
	totals->points_most += test->points * POINTS_SCALE;
	totals->cpu_ns += run->cpu_ns;
	totals->cpu_ns_most = MAX_OF(totals->cpu_ns_most, run->cpu_ns);
	totals->wall_ns_most = MAX_OF(totals->wall_ns_most, run->wall_ns);
	totals->memory_most = MAX_OF(totals->memory_most, run->memory_peak_bytes);
	if (totals->verdict == VERDICT_AC)
		totals->verdict = result->verdict;
}

static void put_counts(struct json_writer *w, const struct totals *totals)
{
	json_object_open(w, "verdicts");
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		if (totals->of[i])
			json_put_u64(w, verdict_name((enum verdict)i), totals->of[i]);
	json_object_close(w);
}

void batch_put_totals(struct json_writer *w, const struct batch_request *request,
		      const struct batch_result *results, const struct batch_summary *summary)
{
	struct totals totals = {0};

	for (size_t i = 0; i < request->count; i++)
		add(&totals, &request->tests[i], &results[i]);
	json_put_text(w, "verdict", verdict_name(totals.verdict));
	json_put_u64(w, "tests_count", request->count);
	json_put_u64(w, "passed", totals.of[VERDICT_AC]);
	put_counts(w, &totals);
	json_put_decimal(w, "points", totals.points, POINTS_DECIMALS);
	json_put_decimal(w, "points_max", totals.points_most, POINTS_DECIMALS);
	json_put_ms(w, "wall_time_ms", summary->wall_ns);
	json_put_ms(w, "cpu_time_ms", totals.cpu_ns);
	json_put_ms(w, "wall_time_max_ms", totals.wall_ns_most);
	json_put_ms(w, "cpu_time_max_ms", totals.cpu_ns_most);
	json_put_u64(w, "memory_peak_bytes", totals.memory_most);
}
