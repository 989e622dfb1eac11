/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T31 Ten gigabytes to stdout, as fast as they go.
 * promise: 3
 * held: output_bytes
 * contained: output_limit
 * request: {"limits": {"output_bytes": 1048576, "wall_time_ms": 20000}}
 * relax: {"args": ["100000"]}
 * answer: stdout_at_most=1048576 wall_at_most_ms=8000
 */
#include "../escape.h"

int
main(int argc, char **argv)
{
	static char block[1 << 16];
	unsigned long long left = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000000ull;

	memset(block, 'y', sizeof(block));
	while (left > 0) {
		size_t n = left < sizeof(block) ? (size_t)left : sizeof(block);
		ssize_t done = write(1, block, n);

		if (done <= 0)
			return 3;
		left -= (size_t)done;
	}
	puts("");
	escaped("all of it was taken");
	return 0;
}
