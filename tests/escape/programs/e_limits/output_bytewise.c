/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T31 A million writes of one byte, never a newline: the reader must neither crawl nor hoard.
 * promise: 3
 * held: output_bytes
 * contained: output_limit
 * request: {"limits": {"output_bytes": 200000, "wall_time_ms": 20000}}
 * relax: {"args": ["1000"]}
 * answer: stdout_at_most=200000
 */
#include "../escape.h"

int
main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000000;

	for (long i = 0; i < count; i++) {
		if (write(1, "z", 1) != 1)
			return 3;
	}
	puts("");
	escaped("a million bytes");
	return 0;
}
