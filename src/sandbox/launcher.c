/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher as far as it has rights; what it does without any is in unpack/launch.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/jail.h"

_noreturn_ void launcher_main(struct jail_plan *plan, int ready_fd)
{
	struct launch *launch = &plan->launch;

	plan->tmpfs_fd = fd_close(plan->tmpfs_fd);
	recipe_run(plan, LAUNCHER);
	launch->alone = !plan_lacks(plan, WALL_PIDNS);
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
