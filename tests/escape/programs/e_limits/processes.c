/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T33 Processes at N and N+1: a limit of 20 gives exactly 20, the program itself and pid 1 of the jail apart.
 * promise: 3
 * contained: process_limit|ok|error
 * request: {"limits": {"processes": 20}}
 * relax: {"limits": {"processes": 40}}
 * without: CGROUP -> more
 */
#include "../escape.h"

#include <signal.h>
#include <sys/wait.h>

enum { LIMIT = 20 };

int
main(void)
{
	int made = 1; /* the program itself counts */

	while (made < LIMIT + 10) {
		pid_t child = fork();

		if (child == 0) {
			pause();
			_exit(0);
		}
		if (child < 0)
			break;
		made++;
	}
	kill(0, SIGCONT);
	if (made > LIMIT)
		escaped("more than %d: %d processes", LIMIT, made);
	else if (made < LIMIT)
		escaped("less than %d: %d processes, the limit takes what it promised", LIMIT, made);
	return verdict("exactly 20 processes");
}
