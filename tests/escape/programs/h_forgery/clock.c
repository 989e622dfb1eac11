/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 T53 Lying about time: setting the clocks. The times in the answer are the server's.
 * promise: 4
 * without: SECCOMP -> clock
 */
#include "../escape.h"

#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>

int
main(void)
{
	struct timespec wrong = { .tv_sec = -1 };
	struct timex change = { .modes = ADJ_TICK, .tick = 1 };

	filtered(clock_settime(CLOCK_REALTIME, &wrong), "clock_settime");
	filtered(syscall(SYS_adjtimex, NULL), "clock by adjtimex");
	filtered(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &change), "clock by clock_adjtime");
	return verdict("no clock can be set");
}
