/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Memory, the plain way: 128 MiB touched under a limit of 64 MiB.
 * promise: 3
 * contained: memory_limit
 * request: {"limits": {"memory_bytes": 67108864}}
 * relax: {"limits": {"memory_bytes": 402653184}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <sys/mman.h>

int
main(void)
{
	const size_t size = 128u << 20;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return verdict("the mapping itself was refused");
	memset(memory, 1, size);
	escaped("took %zu MiB", size >> 20);
	return 0;
}
