/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 Ignoring whatever signal announces the end of the CPU time (SIGXCPU, SIGTERM, SIGALRM...).
 * promise: 3
 * held: cpu_time_ms
 * contained: cpu_timeout
 * request: {"limits": {"cpu_time_ms": 500, "wall_time_ms": 20000}}
 * relax: {"limits": {"cpu_time_ms": 20000}}
 */
#include "../escape.h"

#include <signal.h>
#include <time.h>

int
main(void)
{
	struct timespec used;

	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	do {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	} while (used.tv_sec < 2);
	escaped("spun 2 s under a limit of 0.5");
	return 0;
}
