/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line on a terminal's stderr while something takes longer than two seconds; nothing
 * elsewhere.
 */
#ifndef SG_CLI_PROGRESS_H
#define SG_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *label; /* "running" */
	uint64_t began_ns;
	uint64_t shown_s; /* last second that was shown; 0: the line is not there */
};

void progress_begin(struct progress *progress, const char *label);
/* As often as the caller likes; draws at most once a second. */
void progress_tick(struct progress *progress);
/* Wipes the line. */
void progress_end(struct progress *progress);

#endif
