/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 CPU time summed over threads: each stays below the limit, together they do not.
 * promise: 3
 * held: cpu_time_ms
 * contained: cpu_timeout
 * request: {"limits": {"cpu_time_ms": 600, "wall_time_ms": 20000}}
 * relax: {"limits": {"cpu_time_ms": 20000}}
 */
#include "../escape.h"

#include <pthread.h>
#include <time.h>

static void *
spin(void *unused)
{
	struct timespec used;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	} while (used.tv_sec == 0 && used.tv_nsec < 400000000);
	return unused;
}

int
main(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, spin, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	escaped("spun 1.6 s in four threads under a limit of 0.6");
	return 0;
}
