/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 T34 The limit holds from both sides: 40 MiB under a limit of 64 MiB is the program's right.
 * promise: 3
 * held: memory_bytes
 * request: {"limits": {"memory_bytes": 67108864}}
 * relax: {"args": ["200"]}
 * relaxed: memory_limit
 */
#include "../escape.h"

int
main(int argc, char **argv)
{
	size_t size = (argc > 1 ? (size_t)atoi(argv[1]) : 40) << 20;
	volatile char *memory = malloc(size);

	if (memory == NULL)
		return verdict("no memory");
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	return verdict("40 MiB fit below 64 MiB");
}
