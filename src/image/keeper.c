/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

#define HOLD_FD 3

extern char **environ;

/* In the child of the keeper. */
_noreturn_ static void become(const struct keeper_tool *tool)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	int in = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	if (in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(tool->out, STDOUT_FILENO) < 0 ||
	    dup2(tool->out, STDERR_FILENO) < 0 ||
	    (tool->hold_fd >= 0 && dup2(tool->hold_fd, HOLD_FD) < 0))
		_exit(KEEPER_NOT_STARTED);
	/* not what this process was started with: nohup would make tools deaf to their keeper */
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = tool->env;
	execvp(tool->argv[0], tool->argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s; run tools/setup, or install it.\n",
		tool->argv[0], strerror(errno));
	_exit(KEEPER_NOT_STARTED);
}

/* As the first process of its namespace it is the parent of all orphans. */
static int wait_for(pid_t tool, const sigset_t *signals)
{
	int status;

	for (;;) {
		if (sigwaitinfo(signals, NULL) == SIGTERM)
			kill(-tool, SIGTERM);
		for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
			if (pid == tool)
				return status;
	}
}

/* The caller may have died before prctl. Its pid says nothing here, the pipe that only it reads
 * from does. */
static bool alone(const struct keeper_tool *tool)
{
	struct pollfd pollfd = {.fd = tool->out};

	close(tool->out_end);
	return poll(&pollfd, 1, 0) > 0 && (pollfd.revents & POLLERR);
}

_noreturn_ static void keep(const struct keeper_tool *tool, bool own_namespace)
{
	sigset_t signals;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0); /* a terminal's ^C is for the caller */
	if (alone(tool))
		_exit(KEEPER_NOT_STARTED);
	if (own_namespace) {
		/* what the tool mounts is gone with it; /proc is to know it by the pid it has */
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would not tell how the tool ended */
	pid_t pid = fork();
	if (pid == 0)
		become(tool);
	int status = pid > 0 ? wait_for(pid, &signals) : KEEPER_NOT_STARTED << 8;
	_exit(WIFSIGNALED(status) ? KEEPER_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status));
}

static pid_t fork_with(unsigned long flags)
{
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t keeper_start(const struct keeper_tool *tool)
{
	bool own_namespace = true;
	pid_t pid = fork_with(CLONE_NEWPID | CLONE_NEWNS);

	if (pid < 0 && errno == EPERM) {
		own_namespace = false;
		pid = fork();
	}
	if (pid == 0)
		keep(tool, own_namespace);
	return pid;
}
