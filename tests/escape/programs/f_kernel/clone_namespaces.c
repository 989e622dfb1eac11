/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Namespaces by clone and clone3; clone3 must say ENOSYS, so that the C library falls back to clone.
 * promise: 1
 * without: SECCOMP -> clone
 */
#include "../escape.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void
try_clone(unsigned long flags, const char *what)
{
	long ret = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (ret == 0)
		_exit(0);
	filtered(ret, what);
	if (ret > 0)
		waitpid((pid_t)ret, NULL, 0);
}

int
main(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long ret;

	try_clone(CLONE_NEWUSER, "clone user");
	try_clone(CLONE_NEWNS, "clone mount");
	try_clone(CLONE_NEWNET, "clone net");
	try_clone(CLONE_NEWPID, "clone pid");
	try_clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, "clone user, pid and mount");
	ret = syscall(SYS_clone3, &args, sizeof(args));
	if (ret == 0)
		_exit(0);
	if (ret > 0 || errno != ENOSYS)
		escaped("clone3 is not ENOSYS: %ld %s", ret, errno_name(errno));
	return verdict("no namespaces by clone");
}
