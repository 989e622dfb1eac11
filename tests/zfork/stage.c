/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a zygote of an interpreter that is parked (src/park), without a server. Loaded behind the
 * library that parks it, this stands before its recvmsg(2): where it waits for its run, it is
 * copied for each run that run.py has, and the copy takes the run, in pid and mount namespaces of
 * its own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/park.h"
#include "zfork/sys.h"
#include "zfork/zfork.h"

#define COPY_PID 1 /* in its namespace */

static int taken[2] = {-1, -1};
static bool taken_run;

static void say(const char *what, const char *text)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s %s", what, text);

	send(PARK_CHANNEL_FD, line, (size_t)len, MSG_NOSIGNAL);
}

_noreturn_ static void fail(const char *text)
{
	say("failed", text);
	_exit(1);
}

/* A copy that stands in its own world but has no threads yet: only system calls. */
static void enter_world(void)
{
	const char *const failed =
	    mount("tmpfs", "/work", "tmpfs", 0, NULL) < 0 ? "failed mount of /work"
	    : mount("proc", "/proc", "proc", 0, NULL) < 0 ? "failed mount of /proc"
	    : chdir("/work") < 0			  ? "failed chdir"
	    : zfork_revive() < 0			  ? "failed revive"
							  : NULL;
	if (!failed)
		return;
	send(PARK_CHANNEL_FD, failed, strlen(failed), MSG_NOSIGNAL);
	sys(SYS_exit_group, 1);
}

/* Until the run is taken or the copy is gone. */
static void wait_until_taken(void)
{
	char byte;

	taken[1] = fd_close(taken[1]);
	while (read(taken[0], &byte, 1) < 0 && errno == EINTR)
		;
	taken[0] = fd_close(taken[0]);
}

/* What the copy closes when it has taken its run, among the descriptors that are not the runtime's.
 */
static int open_taken(void)
{
	if (pipe2(taken, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		int high = fcntl(taken[i], F_DUPFD_CLOEXEC, ZFORK_FD_OWN);
		fd_close(taken[i]);
		taken[i] = high;
	}
	return taken[0] < 0 || taken[1] < 0 ? -1 : 0;
}

/* Whether this is the copy. */
static bool copy_process(void)
{
	struct clone_args args = {.flags = CLONE_NEWPID | CLONE_NEWNS |
					   CLONE_PARENT}; /* run.py waits for it */
	struct err err = {0};
	char pid_text[16];

	if (open_taken() < 0 || zfork_freeze(&err) < 0)
		fail(err.text[0] ? err.text : "no pipe");
	pid_t pid = zfork_clone(&args);
	if (pid == 0) {
		enter_world();
		return true;
	}
	zfork_release();
	if (pid < 0)
		fail(strerror(errno));
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	say("pid", pid_text);
	wait_until_taken();
	return false;
}

static void prepare(void)
{
	struct err err = {0};

	if (zfork_prepare(&err) < 0 || zfork_self_test(&err) < 0)
		fail(err.text);
	say("ready", "");
}

/* Returns in copies only. */
static void serve(void)
{
	struct pollfd channel = {.fd = PARK_CHANNEL_FD, .events = POLLIN};

	prepare();
	for (;;) {
		if (poll(&channel, 1, -1) < 0)
			continue;
		if (channel.revents & (POLLHUP | POLLERR))
			_exit(0);
		if (copy_process())
			return;
	}
}

/* Exec'd anew instead of going on as a copy: right in a server, but here it proves nothing. */
__attribute__((visibility("default"))) int execve(const char *path, char *const argv[],
						  char *const envp[])
{
	if (getpid() == COPY_PID && taken_run)
		abort();
	return (int)syscall(SYS_execve, path, argv, envp);
}

__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr *header, int flags)
{
	static ssize_t (*next)(int, struct msghdr *, int);
	static bool served;

	if (!next)
		next = (ssize_t(*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	if (fd == PARK_CHANNEL_FD && !served) {
		served = true;
		serve();
	}
	ssize_t len = next(fd, header, flags);
	for (int i = 0; i < 2; i++)
		taken[i] = fd_close(taken[i]);
	taken_run = served;
	return len;
}
