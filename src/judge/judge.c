/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge.h"

#include <signal.h>
#include <string.h>

#include "judge/token.h"

static const char *const verdict_names[VERDICT_COUNT] = {
#define X(name, wire) [VERDICT_##name] = wire,
#include "judge/verdict.def"
#undef X
};

const char *verdict_name(enum verdict verdict)
{
	return verdict < VERDICT_COUNT ? verdict_names[verdict] : "unknown";
}

enum verdict judge_run(const struct job_result *result, int expected)
{
	static const enum verdict of_status[RUN_STATUS_COUNT] = {
	    [RUN_STATUS_OK] = VERDICT_AC,
	    [RUN_STATUS_ERROR] = VERDICT_RTE,
	    [RUN_STATUS_SIGNAL] = VERDICT_RTE,
	    [RUN_STATUS_WALL_TIMEOUT] = VERDICT_TLE,
	    [RUN_STATUS_CPU_TIMEOUT] = VERDICT_TLE,
	    [RUN_STATUS_MEMORY_LIMIT] = VERDICT_MLE,
	    [RUN_STATUS_OUTPUT_LIMIT] = VERDICT_OLE,
	    [RUN_STATUS_DISK_LIMIT] = VERDICT_RTE,
	    [RUN_STATUS_PROCESS_LIMIT] = VERDICT_RTE,
	    [RUN_STATUS_COMPILE_ERROR] = VERDICT_CE,
	    [RUN_STATUS_COMPILE_TIMEOUT] = VERDICT_CE,
	};
	const struct stage_result *run = &result->run;

	if (result->status == RUN_STATUS_ERROR && run->started && run->has_exit_code &&
	    run->exit_code == expected)
		return VERDICT_AC;
	if (result->status == RUN_STATUS_OK && expected != 0)
		return VERDICT_WA;
	return of_status[result->status];
}

/* Whether a program may have ended like this because its interactor did. */
static bool may_follow(const struct stage_result *run, bool interactor_first)
{
	switch (run->status) {
	case RUN_STATUS_OK:
	case RUN_STATUS_ERROR:
		return true;
	case RUN_STATUS_SIGNAL:
		return run->signal == SIGPIPE;
	default:
		return interactor_first;
	}
}

enum verdict judge_pair(enum verdict program, const struct stage_result *run,
			enum verdict interactor, bool interactor_first)
{
	bool follows = may_follow(run, interactor_first);

	if (program == VERDICT_AC || (interactor == VERDICT_WA && follows))
		return interactor;
	if (interactor == VERDICT_IE && (follows || run->status == RUN_STATUS_WALL_TIMEOUT))
		return interactor;
	return program;
}

/* --- checkers --- */

enum {
	SAYS_YES = 0,
	SAYS_NO = 1,
	SAYS_PRESENTATION = 2,
	SAYS_TOO_MUCH = 4,
	SAYS_PART = 7,
	SAYS_TOO_LITTLE = 8
};

static struct slice words_of(const struct stage_result *run)
{
	return run->out.len ? buf_slice(&run->out) : buf_slice(&run->err);
}

/* False: there is no number from 0 to 1 where it belongs. */
static bool read_share(struct slice text, uint32_t *ret_share)
{
	size_t at = 0;
	double share;
	struct slice word = token_next(text, &at);

	if (slice_equal(word, SLICE_LITERAL("points")))
		word = token_next(text, &at);
	if (!token_number(word, &share) || !(share >= 0 && share <= 1))
		return false;
	*ret_share = (uint32_t)(share * JUDGE_SHARE_WHOLE + 0.5);
	return true;
}

static enum verdict verdict_of(const struct stage_result *run, uint32_t *ret_share)
{
	switch (run->has_exit_code && run->started ? run->exit_code : -1) {
	case SAYS_YES:
		*ret_share = JUDGE_SHARE_WHOLE;
		return VERDICT_AC;
	case SAYS_NO:
	case SAYS_PRESENTATION:
	case SAYS_TOO_MUCH:
	case SAYS_TOO_LITTLE:
		return VERDICT_WA;
	case SAYS_PART:
		if (!read_share(words_of(run), ret_share))
			return VERDICT_IE;
		return *ret_share == JUDGE_SHARE_WHOLE ? VERDICT_AC : VERDICT_WA;
	default:
		return VERDICT_IE;
	}
}

void judge_opinion(struct opinion *ret_opinion, const struct job_result *result)
{
	struct slice words = words_of(&result->run);

	memset(ret_opinion, 0, sizeof(*ret_opinion));
	/* an exit code that came with a limit or a file system that was full is no opinion */
	ret_opinion->verdict = result->status == RUN_STATUS_OK || result->status == RUN_STATUS_ERROR
				   ? verdict_of(&result->run, &ret_opinion->share)
				   : VERDICT_IE;
	ret_opinion->message_len = MIN_OF(words.len, (size_t)JUDGE_MESSAGE_BYTES);
	if (words.len)
		memcpy(ret_opinion->message, words.data, ret_opinion->message_len);
}
