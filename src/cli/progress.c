/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/util.h"

#define PROGRESS_AFTER_S 2

void progress_begin(struct progress *progress, const char *label)
{
	*progress = (struct progress){.label = label, .began_ns = clock_now_ns()};
}

void progress_tick(struct progress *progress)
{
	uint64_t seconds = (clock_now_ns() - progress->began_ns) / NS_PER_SEC;

	if (seconds < PROGRESS_AFTER_S || seconds == progress->shown_s || !isatty(STDERR_FILENO))
		return;
	progress->shown_s = seconds;
	fprintf(stderr, "\r%s ... %llu s", progress->label, (unsigned long long)seconds);
	fflush(stderr);
}

/* Spaces and not an escape sequence: dumb terminals understand them too. */
void progress_end(struct progress *progress)
{
	if (progress->shown_s)
		fprintf(stderr, "\r%60s\r", "");
	progress->shown_s = 0;
}
