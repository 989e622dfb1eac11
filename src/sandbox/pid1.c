/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a jail's pid 1, and how a zygote begins. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "sandbox/jail.h"
#include "unpack/launch.h"

#define POPULATE_STACK_BYTES (64 * KIB)

/*
 * After a fork each page costs a fault when it is first used again. Between slot and run there is
 * time for that; after the run has come there is none.
 */
void jail_populate(void)
{
	extern char __executable_start[], data_start[], _end[];
	uintptr_t mask = ~(uintptr_t)(getpagesize() - 1);
	uintptr_t text = (uintptr_t)__executable_start & mask, data = (uintptr_t)data_start & mask;
	uintptr_t stack = (uintptr_t)__builtin_frame_address(0) & mask;

	/* Linux 5.14; where it fails, the faults come later */
	madvise((void *)text, data - text, MADV_POPULATE_READ);
	madvise((void *)data, (uintptr_t)_end - data, MADV_POPULATE_WRITE);
	madvise((void *)(stack - POPULATE_STACK_BYTES), POPULATE_STACK_BYTES, MADV_POPULATE_WRITE);
}

/*
 * Waits until the launcher, by then the program, has ended, and reaps what else dies meanwhile. Its
 * own exit makes the kernel kill everything that is left in the pid namespace.
 */
_noreturn_ static void pid1_wait(const struct jail_plan *plan, pid_t launcher, const sigset_t *blocked)
{
	struct msg_slot_exited exited = {0};
	pid_t pid;
	int status;

	do {
		pid = wait4(-1, &status, 0, NULL);
		if (pid < 0 && errno == ECHILD && plan->forked)
			sigwaitinfo(blocked, NULL); /* a zygote's child has not been adopted yet */
		else if (pid < 0 && errno != EINTR)
			_exit(1);
	} while (pid != launcher);
	exited.ended_ns = clock_now_ns();
	exited.wait_status = status;
	message_send(plan->channel_fd, MSG_SPAWNER_SLOT_EXITED, &exited, NULL, 0);
	_exit(0);
}

/* The read end of a pipe with a byte once it is behind every wall; at end of file it has failed, and said so. */
static pid_t start_launcher(struct jail_plan *plan, int *ret_ready_fd)
{
	int pipe_fds[2];
	pid_t launcher = pipe2(pipe_fds, O_CLOEXEC) < 0 ? -1 : fork();

	if (launcher == 0) {
		fd_close(pipe_fds[0]);
		launcher_main(plan, pipe_fds[1]);
	}
	if (launcher < 0) {
		take_failed(plan->channel_fd, STEP_SESSION, errno);
		_exit(1);
	}
	fd_close(pipe_fds[1]);
	fd_close(plan->program_fd);
	fd_close(plan->park_fd);
	*ret_ready_fd = pipe_fds[0];
	return launcher;
}

/* With the tmpfs, which is the spawner's from now on. */
static void say_ready(struct jail_plan *plan)
{
	struct msg_slot_ready ready = {0};

	/* Should the spawner have died before step_death, this fails and nothing is left behind. */
	if (message_send(plan->channel_fd, MSG_SPAWNER_SLOT_READY, &ready, &plan->tmpfs_fd, 1) < 0)
		_exit(1);
	plan->tmpfs_fd = fd_close(plan->tmpfs_fd);
}

/* In the place of pid 1 and launcher: it is in the spawner's pid namespace, from which it can enter those of jails. */
_noreturn_ static void zygote_main(struct jail_plan *plan)
{
	recipe_run(plan, ZYGOTE);
	say_ready(plan);
	struct launch launch = launch_of(plan);
	if (chdir(PAYLOAD_WORK_DIR) == 0)
		launch_parked(&launch);
	take_failed(plan->channel_fd, STEP_EXEC, errno);
	_exit(1);
}

_noreturn_ void jail_main(struct jail_plan *plan)
{
	int ready_fd = -1;
	sigset_t child;
	char byte;

	setpriority(PRIO_PROCESS, 0, plan->nice);
	if (plan->zygote)
		zygote_main(plan);
	recipe_run(plan, JAIL);
	pid_t launcher = plan->forked ? JAIL_PID_PROGRAM : start_launcher(plan, &ready_fd);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (plan->forked)
		sigprocmask(SIG_BLOCK, &child, NULL); /* so that it stays pending until it is waited for */
	recipe_run(plan, PID1);
	if (ready_fd >= 0 && read(ready_fd, &byte, 1) != 1)
		_exit(1);
	fd_close(ready_fd);
	say_ready(plan);
	jail_populate();
	pid1_wait(plan, launcher, &child);
}
