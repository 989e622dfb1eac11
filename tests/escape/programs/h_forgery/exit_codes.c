/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T53 The program ends while its helpers lie: another child exits with 0, the program itself by SIGKILL.
 * promise: 4
 * held: pid 1 tells the program from orphans
 * contained: signal
 * signal: SIGKILL
 * relax: {"args": ["honest"]}
 * relaxed: ok
 */
#include "../escape.h"

#include <signal.h>
#include <sys/prctl.h>

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		escaped("planted: lives");
		return 0;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (fork() == 0) {
		usleep(50000);
		_exit(0); /* becomes pid 1's child, whose end must not be taken for the program's */
	}
	printf("CONTAINED dies by its own hand\n");
	fflush(stdout);
	if (fork() == 0) {
		usleep(1000);
		kill(getppid(), SIGKILL);
		_exit(0);
	}
	sleep(5);
	return 0;
}
