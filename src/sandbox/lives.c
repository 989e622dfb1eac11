/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of the processes that the spawner clones: a jail's pid 1 with its launcher, a zygote, a collector. As far
 * as they have rights; what they do without any is in unpack.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "sandbox/jail.h"
#include "unpack/collect.h"

/* --- pid 1, and its child, which will be the program --- */

/* Writes a byte to ready_fd once it is behind every wall. */
_noreturn_ static void launcher_main(struct jail_plan *plan, int ready_fd)
{
	struct launch *launch = &plan->launch;

	plan->tmpfs_fd = fd_close(plan->tmpfs_fd);
	recipe_run(plan, LAUNCHER);
	launch->work_fd = open(PAYLOAD_WORK_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (launch->work_fd < 0 || fchdir(launch->work_fd) < 0 || write(ready_fd, "", 1) != 1) {
		take_failed(launch->channel_fd, STEP_RECEIVE, errno);
		_exit(1);
	}
	fd_close(ready_fd);
	if (launch->program_fd < 0)
		launch_populate();
	launch_main(launch);
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
		take_failed(plan->launch.channel_fd, STEP_SESSION, errno);
		_exit(1);
	}
	fd_close(pipe_fds[1]);
	fd_close(plan->launch.program_fd);
	fd_close(plan->launch.park_fd);
	*ret_ready_fd = pipe_fds[0];
	return launcher;
}

/* With the tmpfs, which is the spawner's from now on. */
static void say_ready(struct jail_plan *plan)
{
	struct msg_slot_ready ready = {0};

	/* Should the spawner have died before step_death, this fails and nothing is left behind. */
	if (message_send(plan->launch.channel_fd, MSG_SPAWNER_SLOT_READY, &ready, &plan->tmpfs_fd, 1) < 0)
		_exit(1);
	plan->tmpfs_fd = fd_close(plan->tmpfs_fd);
}

/* --- the others --- */

/* In the place of pid 1 and launcher: it is in the spawner's pid namespace, from which it can enter those of jails. */
_noreturn_ static void zygote_main(struct jail_plan *plan)
{
	recipe_run(plan, ZYGOTE);
	say_ready(plan);
	if (chdir(PAYLOAD_WORK_DIR) == 0)
		launch_parked(&plan->launch);
	take_failed(plan->launch.channel_fd, STEP_EXEC, errno);
	_exit(1);
}

_noreturn_ void jail_main(struct jail_plan *plan)
{
	int ready_fd = -1;
	char byte;

	setpriority(PRIO_PROCESS, 0, plan->nice);
	if (plan->launch.zygote)
		zygote_main(plan);
	recipe_run(plan, JAIL);
	pid_t launcher = plan->forked ? JAIL_PID_PROGRAM : start_launcher(plan, &ready_fd);
	launch_expect();
	recipe_run(plan, PID1);
	if (ready_fd >= 0 && read(ready_fd, &byte, 1) != 1)
		_exit(1);
	fd_close(ready_fd);
	say_ready(plan);
	launch_populate();
	launch_wait(&plan->launch, launcher);
}

/*
 * The collector: cloned by the spawner beside a run whose caller wants files back, or that is one of a session. It
 * waits behind its walls until it is told to begin, which is when the run has ended. A jail of its own: of all there is it
 * sees the run's directories, as the run's user, and of the system calls it has those that read files. The spawner itself
 * never opens a name that a program chose.
 */
_noreturn_ void collector_main(struct jail_plan *plan)
{
	setpriority(PRIO_PROCESS, 0, plan->nice);
	recipe_run(plan, COLLECTOR);
	launch_populate();
	_exit(collect_run(plan->tmpfs_fd, plan->collect_fd, plan->launch.channel_fd, plan_lacks(plan, WALL_COLLECT)) < 0);
}
