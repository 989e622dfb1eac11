/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T17 A source that includes itself twice and warns each time: the compiler's own output is bounded too.
 * promise: 3
 * held: output_bytes
 * contained: compile_error|output_limit|compile_timeout
 * request: {"limits": {"output_bytes": 65536, "compile_time_ms": 10000}}
 * relax: {"substitute": {"__INCLUDE_LEVEL__ < 60": "__INCLUDE_LEVEL__ < 2"}}
 * answer: compile_at_most=65536
 */
#if __INCLUDE_LEVEL__ < 60
#warning this line is written again and again and again and again and again and again and again
#include __FILE__
#include __FILE__
#endif
#if __INCLUDE_LEVEL__ == 0
#include "../escape.h"

int
main(void)
{
	escaped("compiled");
	return 0;
}
#endif
