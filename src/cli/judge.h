/* SPDX-License-Identifier: Apache-2.0 */
/* `sandglass judge`: a directory of tests, and what is said of them. */
#ifndef SG_CLI_JUDGE_H
#define SG_CLI_JUDGE_H

#include "base/buf.h"
#include "base/err.h"

/* One of the directory's: NAME.in, and NAME.out or NAME.ans. */
struct judge_test {
	char *name; /* owned, without the suffix */
	struct buf in, out;
	bool has_in, has_out;
};

struct judge_tests {
	struct judge_test *items; /* owned, by name, numbers in it by value */
	size_t count;
};

/*
 * All tests of a directory. A program's output without an input is a test without one; an input
 * without an output is only run. 0, -ERR_NOT_FOUND, -ERR_BAD_REQUEST (there is none),
 * -ERR_TOO_LARGE, -ERR_IO or -ERR_NO_MEMORY.
 */
int judge_tests_read(struct judge_tests *ret_tests, const char *directory, struct err *err);
void judge_tests_finish(struct judge_tests *tests);

/*
 * Prints what a server has said, as a table or as it is. The exit code: 0 if all tests are
 * accepted, EXIT_CODE_FAILED if not.
 */
int judge_answer(struct slice body, bool json);

#endif
