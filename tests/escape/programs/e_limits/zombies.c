/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T33 Children that are never waited for: zombies count, orphans are reaped by pid 1 and do not.
 * promise: 3
 * held: pid 1 reaps
 * request: {"limits": {"processes": 16}}
 * plant: yes
 */
#include "../escape.h"

#include <sys/wait.h>

/* An orphan: its parent is gone before it ends. Reaped by pid 1, or it would stay in the count for ever. */
static int
make_orphan(void)
{
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (child == 0)
		_exit(fork() < 0);
	waitpid(child, NULL, 0);
	return 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	(void)argv;
	for (int i = 0; i < 200; i++) {
		if (argc > 1 && fork() == 0)
			_exit(0);
		failed += make_orphan() != 0;
		usleep(1000);
	}
	/* A moment's delay in reaping may refuse one or two; a leak refuses nearly all. */
	if (failed > 20)
		escaped("%d of 200 orphans could not be made: the dead are not reaped", failed);
	return verdict("pid 1 reaps orphans");
}
