/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 The stack, grown by recursion as far as it goes, in many threads.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 67108864}}
 * relax: {"limits": {"memory_bytes": 402653184}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <pthread.h>

enum { THREADS = 20, EACH = 6 << 20 };

static void *
eat(void *unused)
{
	volatile char room[EACH];

	for (size_t i = 0; i < sizeof(room); i += 4096)
		room[i] = 1;
	sleep(1);
	return unused;
}

int
main(void)
{
	pthread_t threads[THREADS];
	int made = 0;

	for (; made < THREADS; made++) {
		if (pthread_create(&threads[made], NULL, eat, NULL) != 0)
			break;
	}
	for (int i = 0; i < made; i++)
		pthread_join(threads[i], NULL);
	if (made == THREADS)
		escaped("took %d MiB of stacks", THREADS * (EACH >> 20));
	return verdict("not all threads lived");
}
