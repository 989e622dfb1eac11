/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a compile: starting them, and what comes of them. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct tool {
	pid_t pid;   /* -1: it could not be started */
	int wait_fd; /* of one that waits (wait.h); -1: it does not */
};

#define TOOL_NONE                                                                                  \
	{                                                                                          \
		-1, -1                                                                             \
	}
extern const struct tool tool_none;

/*
 * fds become its 0, 1 and 2, -1: as ours. awaited, if it is not NULL: a file before whose first
 * look it is to wait for tool_go(), which only cc1 and ld can (wait.c).
 */
struct tool tool_start(const char *program, const char *const *argv, const int fds[3],
		       const char *awaited);
/*
 * Lets it go on, with the limits that we have by now, and with headers to include first for
 * cc1plus. False: it could not wait where it should have, and is of no use.
 */
bool tool_go(struct tool *tool, const char *text);
/* Our limits for one that was started before we had them. False: it has ended, or never began. */
bool tool_limit(const struct tool *tool);
/* Its wait status. */
int tool_wait(struct tool *tool);
void tool_kill(struct tool *tool);

void close_pair(int pair[2]);
/* True if nothing comes from the pipe until it is closed. */
bool is_silent(int from);
/* What comes goes to standard error, but for the first `skip` bytes; returns how many came. */
size_t forward(int from, size_t skip);
