/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool and all that it starts, held together. A build that is interrupted must not go before what
 * it has started is gone: package managers have children in sessions of their own, which would
 * still write into a tree that the next build removes. So a tool runs below a process of ours, the
 * first of a pid namespace: with it the kernel ends all of them.
 */
#ifndef SG_IMAGE_KEEPER_H
#define SG_IMAGE_KEEPER_H

#include <sys/types.h>

struct keeper_tool {
	char *const *argv; /* argv[0] is looked up in PATH of env */
	char **env;
	int out;     /* for its stdout and stderr */
	int out_end; /* what is read of it; when nobody does, we are gone */
	int hold_fd; /* stays open in it and its children, or -1 */
};

#define KEEPER_NOT_STARTED 127 /* as shells have it, as they have the next */
#define KEEPER_BY_SIGNAL   128 /* plus the signal that ended the tool */

/*
 * The process that keeps the tool: on SIGTERM it passes that on to the tool's process group, on
 * SIGKILL, or when the calling process dies, all is killed at once. Once it has been waited for
 * nothing is left; its exit status is the tool's. Without the right to namespaces what leaves the
 * tool's process group outlives it. -1 with errno.
 */
pid_t keeper_start(const struct keeper_tool *tool);

#endif
