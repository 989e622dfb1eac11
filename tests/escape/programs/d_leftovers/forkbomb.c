/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T21 A fork bomb that goes on while the jail is being torn down: the end comes in bounded time.
 * promise: 2 3
 * contained: wall_timeout|process_limit|cpu_timeout|ok
 * request: {"limits": {"wall_time_ms": 1000, "processes": 32}}
 * answer: wall_at_most_ms=4000
 * host: process sgesc-bomb
 * without: CGROUP -> more than
 */
#include "../escape.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

enum { LIMIT = 32, STOP = 200 }; /* STOP bounds the bomb when its wall has been taken away */

static int *forks;

static void
bomb(void)
{
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_NAME, "sgesc-bomb");
	while (__atomic_load_n(forks, __ATOMIC_RELAXED) < STOP) {
		pid_t child = fork();

		if (child > 0) {
			int count = __atomic_add_fetch(forks, 1, __ATOMIC_RELAXED);

			if (count == LIMIT + 1)
				escaped("more than %d processes", LIMIT);
		} else if (child < 0) {
			struct timespec pause = { .tv_nsec = 1000000 };

			nanosleep(&pause, NULL);
		}
	}
	for (int i = 0; i < 5; i++)
		sleep(1);
	_exit(0);
}

int
main(void)
{
	forks = mmap(NULL, sizeof(*forks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	printf("CONTAINED lit the bomb\n");
	fflush(stdout);
	bomb();
	return 0;
}
