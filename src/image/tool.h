/* SPDX-License-Identifier: Apache-2.0 */
/* Running the tools that a build is made of: no shell, output by lines, something to do meanwhile.
 */
#ifndef SG_IMAGE_TOOL_H
#define SG_IMAGE_TOOL_H

#include "base/buf.h"
#include "base/err.h"

struct tool_watch {
	void (*line)(void *ctx,
		     const char *line); /* each line of stdout and stderr, without its end */
	void (*tick)(void *ctx);	/* once a second; NULL: not needed */
	void *ctx;
};

/*
 * Runs argv[0], looked up in the sbin and bin directories, with this process's environment in the C
 * locale, and waits. hold_fd (or -1) stays open in it: a lock that must outlive us. When a signal
 * comes that would end this process, the tool is ended first, with all that it has started, within
 * three seconds; then the signal takes effect. 0, -ERR_IMAGE when it cannot be started or fails; the
 * sentence has its first error or its last line.
 */
int tool_run(char *const *argv, int hold_fd, const struct tool_watch *watch, struct err *err);
/* The same for short output: all lines into out, each with its newline. */
int tool_capture(char *const *argv, struct buf *out, struct err *err);

#endif
