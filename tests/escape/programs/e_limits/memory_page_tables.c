/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Page tables: one page touched in each of many 2 MiB stretches costs 8 KiB, most of it the kernel's.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 67108864}}
 * relax: {"limits": {"memory_bytes": 402653184}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <sys/mman.h>

int
main(void)
{
	const size_t stretch = 2u << 20, count = 16384; /* 64 MiB of page tables and as much of pages */
	char *memory = mmap(NULL, stretch * count, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return verdict("the mapping itself was refused");
	madvise(memory, stretch * count, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < count; i++)
		memory[i * stretch] = 1;
	escaped("took %zu page tables", count);
	return 0;
}
