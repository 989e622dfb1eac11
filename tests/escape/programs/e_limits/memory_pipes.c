/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Pipe buffers: the kernel's memory on behalf of a program that has none itself.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 33554432, "open_files": 1024}}
 * relax: {"limits": {"memory_bytes": 402653184, "open_files": 1024}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <fcntl.h>

int
main(void)
{
	static char block[1 << 20];
	size_t held = 0;

	for (int i = 0; i < 400 && held < (64u << 20); i++) {
		int ends[2];
		ssize_t n;

		if (pipe2(ends, O_NONBLOCK) != 0)
			break;
		fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
		while ((n = write(ends[1], block, sizeof(block))) > 0)
			held += (size_t)n;
	}
	if (held >= (64u << 20))
		escaped("took %zu MiB in pipes", held >> 20);
	printf("held %zu KiB\n", held >> 10);
	return verdict("pipes are bounded");
}
