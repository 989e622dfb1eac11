/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 T36 Blocked in vfork, in futex and in a full pipe while the deadline passes, every signal ignored.
 * promise: 3
 * held: wall_time_ms
 * contained: wall_timeout
 * request: {"limits": {"wall_time_ms": 700}}
 * relax: {"limits": {"wall_time_ms": 20000}}
 * answer: wall_at_most_ms=2500
 */
#include "../escape.h"

#include <signal.h>
#include <sys/wait.h>

int
main(void)
{
	static char block[1 << 16];
	int full[2];

	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	if (pipe(full) != 0)
		return 2;
	if (fork() == 0) {
		alarm(0);
		(void)!write(full[1], block, sizeof(block));
		(void)!write(full[1], block, sizeof(block)); /* blocks until the parent reads, which it never does */
		_exit(0);
	}
	if (vfork() == 0) {
		sleep(2); /* the parent sleeps without being interruptible meanwhile */
		_exit(0);
	}
	escaped("outlived the deadline");
	_exit(0);
}
