/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T20 T35 A child that outlives the program and keeps its stdout open: the answer must not wait for it.
 * promise: 2 5
 * held: the jail ends with the program
 * host: process sgesc-holder
 * answer: wall_at_most_ms=4000
 */
#include "../escape.h"

#include <signal.h>
#include <sys/prctl.h>

int
main(void)
{
	if (fork() == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		prctl(PR_SET_NAME, "sgesc-holder");
		for (int i = 0; i < 60; i++)
			sleep(1);
		_exit(0);
	}
	return verdict("the answer came though a child holds the output");
}
