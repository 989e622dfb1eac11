/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "zfork/zfork.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/time.h>

#include "base/util.h"
#include "zfork/fds.h"
#include "zfork/maps.h"
#include "zfork/sys.h"
#include "zfork/threads.h"

#define SHADOW_STACK_STATUS 0x5005 /* ARCH_SHSTK_STATUS, <asm/prctl.h> of Linux 6.6 */

/* The first that has rseq in its struct pthread and says where (__rseq_offset). */
enum { GLIBC_MAJOR = 2, GLIBC_MINOR = 35 };

static bool is_glibc_known(void)
{
	int major = 0, minor = 0;

	sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor);
	return major == GLIBC_MAJOR && minor >= GLIBC_MINOR;
}

/* A thread that is made by jumping into a frame has no return addresses on its shadow stack. */
static bool has_shadow_stack(void)
{
	unsigned long features = 0;

	return sys(SYS_arch_prctl, SHADOW_STACK_STATUS, &features) == 0 && features;
}

int zfork_possible(struct err *err)
{
	if (!is_glibc_known())
		return err_set(err, ERR_NOT_IMPLEMENTED, "glibc %s is older than %d.%d.",
			       gnu_get_libc_version(), GLIBC_MAJOR, GLIBC_MINOR);
	if (!threads_own_tid())
		return err_set(err, ERR_NOT_IMPLEMENTED, "glibc %s has thread ids elsewhere.",
			       gnu_get_libc_version());
	if (has_shadow_stack())
		return err_set(err, ERR_NOT_IMPLEMENTED, "The process has a shadow stack.");
	return 0;
}

/* fork(2): timers are not inherited, and whoever waits for one would do so for ever. */
static int check_timers(struct err *err)
{
	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		struct itimerval timer = {0};
		if (getitimer(which, &timer) == 0 &&
		    (timer.it_value.tv_sec || timer.it_value.tv_usec))
			return err_set(err, ERR_NOT_IMPLEMENTED, "An interval timer is running.");
	}
	char posix[2];
	FILE *timers =
	    fopen("/proc/self/timers", "re"); /* only where the kernel can be checkpointed */
	bool any = timers && fgets(posix, sizeof(posix), timers);
	if (timers)
		fclose(timers);
	return any ? err_set(err, ERR_NOT_IMPLEMENTED, "A timer of timer_create is there.") : 0;
}

int zfork_prepare(struct err *err)
{
	int rc = zfork_possible(err);

	if (rc == 0)
		rc = check_timers(err);
	return rc < 0 ? rc : maps_prepare(err);
}

int zfork_freeze(struct err *err)
{
	int rc = threads_stop(err);

	if (rc < 0)
		return rc;
	rc = maps_prepare(err); /* again: a thread may have mapped memory since it was prepared */
	if (rc == 0)
		rc = fds_list(err);
	if (rc < 0)
		threads_resume();
	return rc;
}

/*
 * Not fork(3) of the C library, which would take the other threads' stacks for free memory. Its own
 * thread id, at args->child_tid, is all that it keeps of a process: getpid(3) asks the kernel.
 */
pid_t zfork_clone(struct clone_args *args)
{
	args->flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
	args->child_tid = (uintptr_t)threads_own_tid();
	long rc = sys(SYS_clone3, args, sizeof(*args));
	if (rc < 0) {
		errno = (int)-rc;
		return -1;
	}
	return rc == 0 && zfork_own_descriptors() < 0 ? -2 : (pid_t)rc;
}

int zfork_own_descriptors(void)
{
	return fds_make_private();
}

int zfork_revive(void)
{
	return fds_open_again() < 0 ? -1 : threads_revive();
}

void zfork_release(void)
{
	threads_resume();
}
