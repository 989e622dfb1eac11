/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T33 Threads count as processes do: 40 of them under a limit of 20.
 * promise: 3
 * contained: process_limit|ok|error
 * request: {"limits": {"processes": 20}}
 * relax: {"limits": {"processes": 60}}
 * without: CGROUP -> threads
 */
#include "../escape.h"

#include <pthread.h>

static void *
wait_long(void *unused)
{
	sleep(2);
	return unused;
}

int
main(void)
{
	pthread_t thread;
	int made = 1;

	while (made < 40 && pthread_create(&thread, NULL, wait_long, NULL) == 0)
		made++;
	if (made > 20)
		escaped("%d threads under a limit of 20", made);
	printf("made %d\n", made);
	return verdict("threads are counted");
}
