/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 A memfd, which no disk limit counts.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 67108864, "disk_bytes": 268435456}}
 * relax: {"limits": {"memory_bytes": 402653184, "disk_bytes": 268435456}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <sys/mman.h>

int
main(void)
{
	static char block[1 << 20];
	int fd = memfd_create("grow", 0);

	if (fd < 0)
		return verdict("memfd is refused");
	memset(block, 1, sizeof(block));
	for (int i = 0; i < 128; i++) {
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return verdict("the memfd does not grow");
	}
	escaped("took 128 MiB in a memfd");
	return 0;
}
