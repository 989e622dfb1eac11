/* SPDX-License-Identifier: Apache-2.0 */
/* Forking this process, which has one thread, into the pid namespace of a jail. */
#ifndef SG_PARK_FORK_H
#define SG_PARK_FORK_H

#include <sys/types.h>

#include "sandbox/cgroup.h"

/* The descriptor with a number that is ours, beyond those of the interpreter; the other is closed. */
int fork_own_fd(int fd);
/* NULL, or why it cannot be done here. */
const char *fork_init(void);
/*
 * Makes a child in the pid namespace of pid 1 behind the descriptor, which adopts it, with the pid
 * JAIL_PID_PROGRAM, and in the cgroup. 0 in the child; 1; -1 with errno.
 */
int fork_into(int pid1_fd, const struct cgroup *cgroup);
/* In a child, as long as it has no other thread: one of its own, with the next pid. As fork(2), by system calls only. */
pid_t fork_again(void);

#endif
