/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a jail's pid 1, and how a zygote begins. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "sandbox/jail.h"

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
	launch_wait(plan->launch.channel_fd, launcher);
}
