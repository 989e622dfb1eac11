/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T53 Holding up whoever reports our end: stop, resume, limit or re-schedule pid 1.
 * promise: 4 5
 * held: a user id of pid 1's own
 * contained: ok
 * answer: wall_at_most_ms=4000
 * plant: yes
 */
#include "../escape.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

int
main(int argc, char **argv)
{
	struct rlimit limit = { 0, 0 };
	struct sched_param param = { 0 };

	pid_t pid = argc > 1 ? 0 : 1; /* planted: oneself */

	(void)argv;
	kill(1, SIGSTOP);
	kill(1, SIGTSTP);
	refused(prlimit(pid, RLIMIT_CORE, &limit, NULL), "pid 1: prlimit");
	refused(setpriority(PRIO_PROCESS, (id_t)pid, 19), "pid 1: priority");
	refused(sched_setscheduler(pid, SCHED_BATCH, &param), "pid 1: scheduler");
	return verdict("pid 1 is out of reach");
}
