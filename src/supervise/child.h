/* SPDX-License-Identifier: Apache-2.0 */
/* One child process of the parent: started, watched by pidfd, started again with growing pauses. */
#ifndef SG_SUPERVISE_CHILD_H
#define SG_SUPERVISE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "event/loop.h"
#include "ipc/channel.h"

enum child_state {
	CHILD_DOWN,     /* not running; restart_timer may be set */
	CHILD_STARTING, /* running, PARENT_READY not yet received */
	CHILD_UP,
	CHILD_STOPPING, /* told to drain; its end is wanted */
};

struct child {
	enum role role;
	const char *binary;               /* file name below libexec_dir */
	char *const *argv;
	enum child_state state;
	pid_t pid;
	int pidfd;
	struct watch exit_watch;
	struct channel channel;
	struct timer restart_timer;
	uint64_t started_ns, pause_ns;
	unsigned restarts;
	bool was_up;                      /* has been CHILD_UP once, so its configuration can be used */
	int exit_code;                    /* of its last end; -1 by a signal */
	struct loop *loop;
	const char *libexec_dir;
	int config_fd;                    /* inherited as ROLE_CONFIG_FD; not owned */
	const message_fn *handlers;
	void (*on_started)(struct child *child); /* fork done: first messages may be queued */
	void (*on_exited)(struct child *child, bool wanted);
};

#define ROLE_CONFIG_FD   4
#define ROLE_CONFIG_PATH "/proc/self/fd/4"

/* 0 or -ERR_IO. on_started is called from inside. */
int child_start(struct child *child);
/* Starts it again after its pause: none after a long life, up to 5 s after repeated short ones. */
void child_restart_later(struct child *child);
/* Asks it to drain; on_exited(wanted) follows. */
void child_stop(struct child *child);
/* SIGKILL, for the second SIGTERM. */
void child_kill(struct child *child);
static inline bool child_is_running(const struct child *child)
{
	return child->state != CHILD_DOWN;
}

#endif
