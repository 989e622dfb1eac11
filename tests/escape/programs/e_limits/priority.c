/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 More than one's share of the CPU: negative niceness, real-time scheduling, priority of I/O.
 * promise: 3
 * held: no capability
 * plant: yes
 */
#include "../escape.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

int
main(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 1 };

	(void)argv;
	refused(setpriority(PRIO_PROCESS, 0, argc > 1 ? 5 : -5), "nice") /* planted: downwards is allowed */;
	refused(sched_setscheduler(0, SCHED_FIFO, &param), "fifo scheduling");
	refused(sched_setscheduler(0, SCHED_RR, &param), "real-time round robin");
	refused(syscall(SYS_ioprio_set, 1, 0, (1 << 13) | 0), "real-time I/O");
	return verdict("no priority over others");
}
