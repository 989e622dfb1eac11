/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T30 Stopping oneself (SIGSTOP), so that nothing ever exits.
 * promise: 3
 * held: wall_time_ms
 * contained: wall_timeout
 * request: {"limits": {"wall_time_ms": 700}}
 * answer: wall_at_most_ms=2500
 * plant: yes
 */
#include "../escape.h"

#include <signal.h>

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc == 1)
		raise(SIGSTOP);
	escaped("woke up");
	return 0;
}
