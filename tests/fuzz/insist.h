/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FUZZ_INSIST_H
#define SG_TESTS_FUZZ_INSIST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* A promise that an input has broken is a finding: says which, and ends the process. */
static inline void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

#endif
