/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Joining namespaces that are there: one's own, those of pid 1, by file and by pidfd.
 * promise: 1
 * without: SECCOMP -> setns
 */
#include "../escape.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>

int
main(void)
{
	int own = open("/proc/self/ns/mnt", O_RDONLY);

	filtered(setns(own, 0), "setns own mount namespace");
	filtered(setns(0, CLONE_NEWUSER), "setns of a pipe");
	filtered(setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS | CLONE_NEWPID), "setns of pid 1");
	return verdict("no namespace can be joined");
}
