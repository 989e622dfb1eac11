/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts by how a run ended, and what checkers say. */
#include "tests/unit/unit.h"

#include <signal.h>

#include "judge/judge.h"

static struct job_result ended(enum run_status status, int exit_code)
{
	struct job_result result = {.status = status};

	result.run.present = result.run.started = true;
	result.run.status = status;
	result.run.has_exit_code = status == RUN_STATUS_OK || status == RUN_STATUS_ERROR;
	result.run.exit_code = exit_code;
	return result;
}

static void every_end_has_its_verdict(void **state _unused_)
{
	static const struct {
		enum run_status status;
		int exit_code, expected;
		const char *verdict;
	} rows[] = {
	    {RUN_STATUS_OK, 0, 0, "AC"},
	    {RUN_STATUS_OK, 0, 3, "WA"},
	    {RUN_STATUS_ERROR, 3, 3, "AC"},
	    {RUN_STATUS_ERROR, 3, 0, "RTE"},
	    {RUN_STATUS_ERROR, 3, 4, "RTE"},
	    {RUN_STATUS_SIGNAL, 0, 0, "RTE"},
	    {RUN_STATUS_WALL_TIMEOUT, 0, 0, "TLE"},
	    {RUN_STATUS_CPU_TIMEOUT, 0, 0, "TLE"},
	    {RUN_STATUS_MEMORY_LIMIT, 0, 0, "MLE"},
	    {RUN_STATUS_OUTPUT_LIMIT, 0, 0, "OLE"},
	    {RUN_STATUS_DISK_LIMIT, 1, 1, "RTE"},
	    {RUN_STATUS_PROCESS_LIMIT, 1, 1, "RTE"},
	    {RUN_STATUS_COMPILE_ERROR, 0, 0, "CE"},
	    {RUN_STATUS_COMPILE_TIMEOUT, 0, 0, "CE"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct job_result result = ended(rows[i].status, rows[i].exit_code);
		const char *verdict = verdict_name(judge_run(&result, rows[i].expected));
		if (strcmp(verdict, rows[i].verdict) != 0)
			fail_msg("%s %d: %s", run_status_name(rows[i].status), rows[i].exit_code,
				 verdict);
	}
}

static void programs_and_interactors(void **state _unused_)
{
	static const struct {
		enum verdict program;
		enum run_status status;
		int signal;
		enum verdict interactor;
		bool first;
		const char *verdict;
	} rows[] = {
	    {VERDICT_AC, RUN_STATUS_OK, 0, VERDICT_AC, false, "AC"},
	    {VERDICT_AC, RUN_STATUS_OK, 0, VERDICT_WA, false, "WA"},
	    {VERDICT_AC, RUN_STATUS_OK, 0, VERDICT_IE, true, "IE"},
	    {VERDICT_RTE, RUN_STATUS_SIGNAL, SIGPIPE, VERDICT_WA, false,
	     "WA"}, /* it wrote to nobody */
	    {VERDICT_RTE, RUN_STATUS_SIGNAL, SIGPIPE, VERDICT_AC, true, "RTE"},
	    {VERDICT_RTE, RUN_STATUS_SIGNAL, SIGSEGV, VERDICT_WA, true, "RTE"},
	    {VERDICT_RTE, RUN_STATUS_SIGNAL, SIGSEGV, VERDICT_IE, true, "RTE"},
	    {VERDICT_RTE, RUN_STATUS_ERROR, 0, VERDICT_WA, true, "WA"},
	    {VERDICT_RTE, RUN_STATUS_ERROR, 0, VERDICT_WA, false, "WA"},
	    {VERDICT_RTE, RUN_STATUS_ERROR, 0, VERDICT_AC, true, "RTE"},
	    {VERDICT_RTE, RUN_STATUS_ERROR, 0, VERDICT_IE, false, "IE"},
	    {VERDICT_TLE, RUN_STATUS_CPU_TIMEOUT, SIGKILL, VERDICT_WA, false, "TLE"},
	    {VERDICT_TLE, RUN_STATUS_CPU_TIMEOUT, SIGKILL, VERDICT_WA, true, "WA"}, /* it went on */
	    {VERDICT_TLE, RUN_STATUS_CPU_TIMEOUT, SIGKILL, VERDICT_IE, false, "TLE"},
	    {VERDICT_TLE, RUN_STATUS_WALL_TIMEOUT, SIGKILL, VERDICT_WA, false, "TLE"},
	    {VERDICT_TLE, RUN_STATUS_WALL_TIMEOUT, SIGKILL, VERDICT_IE, false,
	     "IE"}, /* both waited */
	    {VERDICT_MLE, RUN_STATUS_MEMORY_LIMIT, SIGKILL, VERDICT_IE, false, "MLE"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct stage_result run = {.status = rows[i].status,
						 .signal = rows[i].signal};
		enum verdict verdict =
		    judge_pair(rows[i].program, &run, rows[i].interactor, rows[i].first);
		if (strcmp(verdict_name(verdict), rows[i].verdict) != 0)
			fail_msg("row %zu: %s", i, verdict_name(verdict));
	}
}

/* An exit code that is only there because the program was never reached is not the one expected. */
static void what_was_not_started_is_not_accepted(void **state _unused_)
{
	struct job_result result = ended(RUN_STATUS_ERROR, 126);

	result.run.started = false;
	assert_int_equal(judge_run(&result, 126), VERDICT_RTE);
}

static void what_checkers_say(void **state _unused_)
{
	static const struct {
		enum run_status status;
		int exit_code;
		const char *out, *err, *verdict;
		unsigned share;
		const char *message;
	} rows[] = {
	    {RUN_STATUS_OK, 0, "", "", "AC", 1000000, ""},
	    {RUN_STATUS_OK, 0, "0.5", "", "AC", 1000000, "0.5"},
	    {RUN_STATUS_ERROR, 1, "differs", "", "WA", 0, "differs"},
	    {RUN_STATUS_ERROR, 2, "", "presentation", "WA", 0, "presentation"},
	    {RUN_STATUS_ERROR, 4, "", "dirt", "WA", 0, "dirt"},
	    {RUN_STATUS_ERROR, 8, "", "eof", "WA", 0, "eof"},
	    {RUN_STATUS_ERROR, 7, "0.5 half", "", "WA", 500000, "0.5 half"},
	    {RUN_STATUS_ERROR, 7, "", "points 0.25\n", "WA", 250000, "points 0.25\n"},
	    {RUN_STATUS_ERROR, 7, "1", "", "AC", 1000000, "1"},
	    {RUN_STATUS_ERROR, 7, "1.5", "", "IE", 0, "1.5"},
	    {RUN_STATUS_ERROR, 7, "-0.1", "", "IE", 0, "-0.1"},
	    {RUN_STATUS_ERROR, 7, "nan", "", "IE", 0, "nan"},
	    {RUN_STATUS_ERROR, 7, "", "", "IE", 0, ""},
	    {RUN_STATUS_ERROR, 3, "fail", "", "IE", 0, "fail"},
	    {RUN_STATUS_SIGNAL, 0, "", "", "IE", 0, ""},
	    {RUN_STATUS_WALL_TIMEOUT, 0, "", "", "IE", 0, ""},
	    {RUN_STATUS_DISK_LIMIT, 1, "", "", "IE", 0, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct job_result result = ended(rows[i].status, rows[i].exit_code);
		struct opinion opinion;

		result.run.out =
		    (struct buf){.data = (char *)rows[i].out, .len = strlen(rows[i].out)};
		result.run.err =
		    (struct buf){.data = (char *)rows[i].err, .len = strlen(rows[i].err)};
		judge_opinion(&opinion, &result);
		if (strcmp(verdict_name(opinion.verdict), rows[i].verdict) != 0 ||
		    opinion.share != rows[i].share)
			fail_msg("row %zu: %s %u", i, verdict_name(opinion.verdict), opinion.share);
		assert_true(slice_equal(slice_from(rows[i].message),
					(struct slice){opinion.message, opinion.message_len}));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_end_has_its_verdict),
	    cmocka_unit_test(programs_and_interactors),
	    cmocka_unit_test(what_was_not_started_is_not_accepted),
	    cmocka_unit_test(what_checkers_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
