/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector: cloned by the spawner when a run has ended and nothing of it lives any more, if its caller
 * wants files back or it was one of a session. A jail of its own: of all there is it sees the run's directories, as the
 * run's user, and of the system calls it has those that read files. The spawner itself never opens a name that a program chose.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox/jail.h"
#include "unpack/collect.h"

_noreturn_ void collector_main(struct jail_plan *plan)
{
	setpriority(PRIO_PROCESS, 0, plan->nice);
	recipe_run(plan, COLLECTOR);
	_exit(collect_run(plan->tmpfs_fd, plan->collect_fd, plan_lacks(plan, WALL_COLLECT)) < 0);
}
