/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child has to be pid 1's, which waits for it as for a launcher. A process gets another parent only when
 * its own ends, and the pid 1 of its parent's namespace then; so a helper in that namespace makes it, and
 * ends. The helper shares our memory while we stand still (as vfork(2)): only the child's is a copy.
 *
 * fork(3) would set up the child's thread for the C library; after clone3(2) that is left to us: the places where the
 * kernel is to write its thread id (set_tid_address(2)), its robust list (futex(2)) and its restartable
 * sequences (rseq(2)), of which the kernel tells us where they are in this thread.
 */
#define _GNU_SOURCE
#include "park/fork.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "ipc/park.h"
#include "sandbox/jail.h"

#define HELPER_PID     300 /* out of the way: the child gets the next after pid 1, its first child the next after that */
#define RSEQ_SIGNATURE 0x53053053 /* what the C library registers on x86-64, sys/rseq.h */

static int *tid_place;
static void *robust_list;
static size_t robust_bytes;
static const ptrdiff_t *rseq_offset; /* __rseq_offset(3), from the thread pointer; NULL: not registered */
static int own_fd;                   /* pidfd of this process */

static const struct cgroup *child_cgroup;
static volatile int failure; /* errno of the helper's */

int fork_own_fd(int fd)
{
	int ours = fcntl(fd, F_DUPFD_CLOEXEC, PARK_CGROUP_FD + CGROUP_HIERARCHIES_MAX);

	fd_close(fd);
	return ours;
}

const char *fork_init(void)
{
	const unsigned *rseq_bytes = dlsym(RTLD_DEFAULT, "__rseq_size");

	if (!dlsym(RTLD_DEFAULT, "gnu_get_libc_version"))
		return "Another C library than glibc.";
	if (prctl(PR_GET_TID_ADDRESS, &tid_place) < 0 || !tid_place)
		return "The kernel does not tell where thread ids are kept (CONFIG_CHECKPOINT_RESTORE).";
	if (getpid() == JAIL_PID_PROGRAM)
		return "The process has the number that its children get, by which they see that they are others.";
	if (syscall(SYS_get_robust_list, 0, &robust_list, &robust_bytes) < 0)
		return "The kernel does not tell where robust lists are.";
	if (rseq_bytes && *rseq_bytes)
		rseq_offset = dlsym(RTLD_DEFAULT, "__rseq_offset");
	own_fd = fork_own_fd((int)syscall(SYS_pidfd_open, getpid(), 0));
	return own_fd < 0 ? "The kernel has no pidfds." : NULL;
}

/* In the helper: makes the child, in which it returns 0. */
static long make_child(void)
{
	pid_t pid = JAIL_PID_PROGRAM;
	struct clone_args args = {
	    .flags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
	    .child_tid = (uintptr_t)tid_place,
	    .exit_signal = SIGCHLD,
	    .set_tid = (uintptr_t)&pid,
	    .set_tid_size = 1,
	};

	/* before, so that what the kernel keeps for the child is counted there too */
	if (child_cgroup->room->version == 1 && cgroup_join(child_cgroup) < 0)
		return -1;
	return syscall(SYS_clone3, &args, sizeof(args));
}

#if defined(__x86_64__)
/*
 * As vfork(2): the helper goes on here, on our stack; what it calls lies below of what we have there, and we
 * find our registers as they were. 0 in the child, else what the kernel answers.
 */
__attribute__((noinline)) static long call_helper(struct clone_args *args)
{
	long answer = SYS_clone3;

	__asm__ volatile("syscall" : "+a"(answer) : "D"(args), "S"(sizeof(*args)) : "rcx", "r11", "memory");
	if (answer != 0)
		return answer;
	long child = make_child();
	if (child == 0)
		return 0;
	failure = child < 0 ? errno : 0;
	_exit(0);
}
#else
static long call_helper(struct clone_args *args _unused_)
{
	return -ENOSYS;
}
#endif

/* v2: the helper is born in the cgroup; the kernel wants another lock, and milliseconds, for moving it. */
static int open_cgroup(const struct cgroup *cgroup)
{
	return fork_own_fd(openat(cgroup->room->dirs[0], cgroup->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int run_helper(const struct cgroup *cgroup)
{
	bool v2 = cgroup->room->version == 2;
	pid_t pid = HELPER_PID;
	_close_ int cgroup_fd = v2 ? open_cgroup(cgroup) : -1;
	struct clone_args args = {
	    .flags = CLONE_VM | CLONE_VFORK | (v2 ? CLONE_INTO_CGROUP : 0),
	    .cgroup = v2 ? (uint64_t)cgroup_fd : 0,
	    .set_tid = (uintptr_t)&pid,
	    .set_tid_size = 1,
	};

	if (v2 && cgroup_fd < 0)
		return -1;
	child_cgroup = cgroup;
	failure = 0;
	long helper = call_helper(&args);
	if (helper == 0)
		return 0;
	if (helper > 0)
		waitpid((pid_t)helper, NULL, __WALL);
	errno = helper < 0 ? (int)-helper : failure;
	return errno ? -1 : 1;
}

static void set_up_thread(void)
{
	if (rseq_offset)
		syscall(SYS_rseq, (char *)__builtin_thread_pointer() + *rseq_offset, 32, 0, RSEQ_SIGNATURE);
	syscall(SYS_set_robust_list, robust_list, robust_bytes);
}

/* rseq(2) and all else stay registered, as memory is another's from the start. Jails have no clone3(2), whose flags no filter sees. */
pid_t fork_again(void)
{
	long pid = syscall(SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, tid_place, 0);

	if (pid == 0)
		syscall(SYS_set_robust_list, robust_list, robust_bytes);
	return (pid_t)pid;
}

int fork_into(int pid1_fd, const struct cgroup *cgroup)
{
	if (setns(pid1_fd, CLONE_NEWPID) < 0)
		return -1;
	int rc = run_helper(cgroup), saved = errno;
	if (rc == 0) {
		set_up_thread();
		return 0;
	}
	/* or the next clone is for a namespace that may be dead by then */
	if (setns(own_fd, CLONE_NEWPID) < 0)
		_exit(1);
	errno = saved;
	return rc;
}
