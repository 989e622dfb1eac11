/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 T45 Namespaces of one's own, by unshare: with a user namespace come all capabilities in it.
 * promise: 1
 * without: SECCOMP -> unshare
 */
#include "../escape.h"

#include <sched.h>
#include <sys/syscall.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

int
main(void)
{
	static const struct {
		int flag;
		const char *what;
	} rows[] = {
		{ CLONE_NEWUSER, "unshare user" },     { CLONE_NEWNS, "unshare mount" },
		{ CLONE_NEWNET, "unshare net" },       { CLONE_NEWPID, "unshare pid" },
		{ CLONE_NEWIPC, "unshare ipc" },       { CLONE_NEWUTS, "unshare uts" },
		{ CLONE_NEWCGROUP, "unshare cgroup" }, { CLONE_NEWTIME, "unshare time" },
		{ CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET, "unshare user, mount and net" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		filtered(unshare(rows[i].flag), rows[i].what);
	return verdict("no namespaces by unshare");
}
