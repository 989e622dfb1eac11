/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher as far as it has rights; what it does without any is in unpack/launch.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/jail.h"
#include "unpack/launch.h"

struct launch launch_of(const struct jail_plan *plan)
{
	struct launch launch = {
	    .channel_fd = plan->channel_fd,
	    .work_fd = -1,
	    .program_fd = plan->program_fd,
	    .park_fd = plan->park_fd,
	    .park_file = plan->park_file,
	    .park_compiler = plan->park_compiler,
	    .alone = !plan_lacks(plan, WALL_PIDNS),
	    .zygote = plan->zygote,
	};

	memcpy(launch.cgroup_fds, plan->cgroup_fds, sizeof(launch.cgroup_fds));
	return launch;
}

_noreturn_ void launcher_main(struct jail_plan *plan, int ready_fd)
{
	static struct launch launch;

	plan->tmpfs_fd = fd_close(plan->tmpfs_fd);
	recipe_run(plan, LAUNCHER);
	launch = launch_of(plan);
	launch.work_fd = open(PAYLOAD_WORK_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (launch.work_fd < 0 || fchdir(launch.work_fd) < 0 || write(ready_fd, "", 1) != 1) {
		take_failed(plan->channel_fd, STEP_RECEIVE, errno);
		_exit(1);
	}
	fd_close(ready_fd);
	if (plan->program_fd < 0)
		jail_populate();
	launch_main(&launch);
}
