/* SPDX-License-Identifier: Apache-2.0 */
/* How far a build is: a bar that is drawn over on a terminal, a line per step elsewhere. */
#ifndef SG_IMAGE_PROGRESS_H
#define SG_IMAGE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress_bar {
	FILE *out; /* NULL: tell nobody */
	bool terminal;
	const char *subject; /* "image default" */
	const char *step;
	unsigned percent;
	uint64_t began_ns;
};

void progress_bar_init(struct progress_bar *bar, FILE *out, const char *subject);
/* A new step, and how much of the whole is done when it begins. step is a literal. */
void progress_bar_step(struct progress_bar *bar, unsigned percent, const char *step);
/* Further within the step; never goes back. Also draws the time anew. */
void progress_bar_advance(struct progress_bar *bar, unsigned percent);
/* The last line: what came of it, with the time in all. */
void progress_bar_finish(struct progress_bar *bar, const char *what);
/* Takes the bar away, for an error to be told. */
void progress_bar_clear(struct progress_bar *bar);

#endif
