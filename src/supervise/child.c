/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "supervise/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "role/role.h"

#define LONG_LIFE_NS  (10 * NS_PER_SEC)
#define FIRST_PAUSE_NS (100 * NS_PER_MS)
#define LAST_PAUSE_NS (5 * NS_PER_SEC)

/* Nothing of our environment reaches a child, but for what test builds are told by it. */
static char *const *child_environ(void)
{
	static const char *const test_names[] = {
#ifdef SANDGLASS_WALLS_OFF
	    "SANDGLASS_WALLS_OFF=", "SANDGLASS_STEP_FAIL=",
#endif
#ifdef __SANITIZE_ADDRESS__
	    "ASAN_OPTIONS=", "UBSAN_OPTIONS=",
#endif
	    NULL,
	};
	static char *kept[8];
	size_t count = 0;

	for (const char *const *name = test_names; *name; name++)
		for (char **entry = environ; *entry; entry++)
			if (strncmp(*entry, *name, strlen(*name)) == 0 && count < ARRAY_LEN(kept) - 1)
				kept[count++] = *entry;
	kept[count] = NULL;
	return kept;
}

/* Moves the two inherited descriptors to their places without the one overwriting the other. */
static int place_fds(int channel_fd, int config_fd)
{
	int high_channel = fcntl(channel_fd, F_DUPFD, 10), high_config = fcntl(config_fd, F_DUPFD, 10);

	if (high_channel < 0 || high_config < 0 || dup2(high_channel, ROLE_PARENT_FD) < 0 ||
	    dup2(high_config, ROLE_CONFIG_FD) < 0)
		return -1;
	return close_range(ROLE_CONFIG_FD + 1, ~0u, 0);
}

static _noreturn_ void become(const struct child *child, int channel_fd)
{
	char path[4096];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* the channel's end tells a child that we died; this is for one that does not read it */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (lseek(child->config_fd, 0, SEEK_SET) < 0 || place_fds(channel_fd, child->config_fd) < 0)
		_exit(71);
	snprintf(path, sizeof(path), "%s/%s", child->libexec_dir, child->binary);
	execve(path, child->argv, child_environ());
	log_at(LOG_ERROR, "exec_failed", "path=%s errno=%d", path, errno);
	_exit(ROLE_EXIT_CONFIG);
}

static void on_channel_closed(struct channel *channel _unused_)
{
	/* its pidfd says the rest */
}

static void describe_exit(const struct child *child, int status, bool wanted)
{
	log_at(wanted ? LOG_INFO : LOG_ERROR, "child_exited", "child=%s child_pid=%d %s=%d", role_name(child->role),
	       (int)child->pid, WIFSIGNALED(status) ? "signal" : "code",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void on_exit_watch(struct watch *watch, uint32_t events _unused_)
{
	struct child *child = container_of(watch, struct child, exit_watch);
	bool wanted = child->state == CHILD_STOPPING;
	int status = 0;

	if (waitpid(child->pid, &status, WNOHANG) == 0)
		return;
	describe_exit(child, status, wanted);
	child->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	loop_remove(child->loop, &child->exit_watch);
	child->pidfd = fd_close(child->pidfd);
	channel_drain(&child->channel); /* its last words: it may have died right after them */
	channel_close(&child->channel);
	child->state = CHILD_DOWN;
	child->on_exited(child, wanted);
}

static int watch_child(struct child *child, int channel_fd)
{
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0 || fcntl(child->pidfd, F_SETFD, FD_CLOEXEC) < 0 ||
	    loop_add(child->loop, &child->exit_watch, child->pidfd, EPOLLIN, on_exit_watch) < 0)
		return -ERR_IO;
	return channel_open(&child->channel, child->loop, channel_fd, ROLE_PARENT, child->role,
	                    child->handlers, on_channel_closed);
}

int child_start(struct child *child)
{
	int ends[2];

	if (channel_pair(ends) < 0)
		return -ERR_IO;
	child->pid = fork();
	if (child->pid == 0)
		become(child, ends[1]);
	fd_close(ends[1]);
	if (child->pid < 0) {
		fd_close(ends[0]);
		return -ERR_IO;
	}
	if (watch_child(child, ends[0]) < 0)
		fatal("watch_child", "errno=%d", errno);
	child->state = CHILD_STARTING;
	child->started_ns = clock_now_ns();
	log_at(LOG_INFO, "child_started", "child=%s child_pid=%d", role_name(child->role), (int)child->pid);
	child->on_started(child);
	return 0;
}

static void on_restart(struct timer *timer)
{
	struct child *child = container_of(timer, struct child, restart_timer);

	child->restarts++;
	if (child_start(child) < 0)
		child_restart_later(child);
}

void child_restart_later(struct child *child)
{
	uint64_t now = clock_now_ns();

	if (now - child->started_ns >= LONG_LIFE_NS)
		child->pause_ns = 0;
	loop_timer_set(child->loop, &child->restart_timer, now + child->pause_ns, on_restart);
	child->pause_ns = MIN_OF(MAX_OF(child->pause_ns * 2, FIRST_PAUSE_NS), LAST_PAUSE_NS);
}

void child_stop(struct child *child)
{
	struct msg_empty msg = {0};

	loop_timer_cancel(child->loop, &child->restart_timer);
	if (!child_is_running(child))
		return;
	child->state = CHILD_STOPPING;
	channel_send(&child->channel, MSG_ANY_DRAIN, &msg, NULL, 0);
}

void child_kill(struct child *child)
{
	if (child_is_running(child)) {
		child->state = CHILD_STOPPING;
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
	}
}
