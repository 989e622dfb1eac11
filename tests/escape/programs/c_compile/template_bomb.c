/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T17 A macro bomb: the preprocessor's memory and time are the run's own.
 * promise: 3
 * held: compile_time_ms, memory_bytes
 * contained: compile_timeout|compile_error|memory_limit
 * request: {"limits": {"compile_time_ms": 2000, "memory_bytes": 134217728}}
 * relax: {"substitute": {"#define LEVELS G(x)": "#define LEVELS A(x)"}}
 */
#include "../escape.h"

#define A(x) x + x + x + x + x + x + x + x + x + x
#define B(x) A(A(x))
#define C(x) B(B(x))
#define D(x) C(C(x))
#define E(x) D(A(x))
#define F(x) E(x)
#define G(x) F(x) + F(x)
#define LEVELS G(x)

int
main(void)
{
	int x = 1;

	escaped("compiled to %d", LEVELS);
	return 0;
}
