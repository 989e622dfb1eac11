/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T15 A source that never ends (#include </dev/zero>): the compiler is limited like any program.
 * promise: 3
 * held: compile_time_ms, memory_bytes
 * contained: compile_timeout|compile_error|memory_limit
 * request: {"limits": {"compile_time_ms": 1500}}
 * relax: {"files": [], "substitute": {"/dev/zero": "/dev/null"}}
 */
#include "../escape.h"
#include "/dev/zero"

int
main(void)
{
	escaped("the endless source was compiled");
	return 0;
}
