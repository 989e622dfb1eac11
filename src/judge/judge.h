/* SPDX-License-Identifier: Apache-2.0 */
/* From how a run ended to what is said of it; and what a checker or an interactor has said. */
#ifndef SG_JUDGE_JUDGE_H
#define SG_JUDGE_JUDGE_H

#include "engine/job.h"

enum verdict {
#define X(name, wire) VERDICT_##name,
#include "judge/verdict.def"
#undef X
	VERDICT_COUNT
};
const char *verdict_name(enum verdict verdict);

/*
 * Of a program, whose run ended like this, and the interactor that it talked to. Who ends takes the
 * other's partner away, and which of two that end at almost the same time was the first cannot be
 * known. So a program's exit code counts only where the interactor accepts; a crash is always its
 * own; and a limit is, unless the interactor had ended before.
 */
enum verdict judge_pair(enum verdict program, const struct stage_result *run,
			enum verdict interactor, bool interactor_first);

/* AC: nothing speaks against it but, perhaps, its output. expected: the exit code that it should
 * have. */
enum verdict judge_run(const struct job_result *result, int expected);

#define JUDGE_SHARE_WHOLE   1000000u
#define JUDGE_MESSAGE_BYTES 256

/* What a checker or an interactor makes of a test. */
struct opinion {
	enum verdict verdict;		   /* AC, WA, or IE: it failed itself */
	uint32_t share;			   /* of the points, of JUDGE_SHARE_WHOLE */
	char message[JUDGE_MESSAGE_BYTES]; /* the beginning of what it wrote; not always UTF-8 */
	size_t message_len;
};

/*
 * Its exit code decides: 0 accepted; 1, 2, 4, 8 wrong; 7 a part of the points. Its words are its
 * stdout or, where that is empty, its stderr. The part is the first number in them, from 0 to 1,
 * with or without "points" in front. Everything else (another code, a signal, a limit, no number)
 * is a failure of its own. The codes are those of testlib.h.
 */
void judge_opinion(struct opinion *ret_opinion, const struct job_result *result);

#endif
