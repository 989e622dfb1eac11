/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 CPU time in children that are gone before anybody looks: a limit per process would never see it.
 * promise: 3
 * held: cpu_time_ms
 * contained: cpu_timeout
 * request: {"limits": {"cpu_time_ms": 600, "wall_time_ms": 20000}}
 * relax: {"limits": {"cpu_time_ms": 20000}}
 */
#include "../escape.h"

#include <sys/wait.h>
#include <time.h>

int
main(void)
{
	for (int i = 0; i < 16; i++) {
		struct timespec used;

		if (fork() == 0) {
			do {
				clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
			} while (used.tv_sec == 0 && used.tv_nsec < 100000000);
			_exit(0);
		}
		wait(NULL);
	}
	escaped("spun 1.6 s in sixteen children under a limit of 0.6");
	return 0;
}
