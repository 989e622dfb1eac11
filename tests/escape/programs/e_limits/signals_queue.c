/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Queued real-time signals and POSIX timers: small pieces of kernel memory, many of them.
 * promise: 3
 * without: RLIMITS -> queued
 */
#include "../escape.h"

#include <signal.h>

int
main(void)
{
	sigset_t set;
	union sigval value = { 0 };
	int queued = 0;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (queued < 20000 && sigqueue(getpid(), SIGRTMIN, value) == 0)
		queued++;
	if (queued >= 20000)
		escaped("queued %d signals", queued);
	printf("queued %d\n", queued);
	return verdict("queued signals are bounded");
}
