/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Files in /tmp are memory: 96 MiB of them under 64 MiB of memory, with disk to spare.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 67108864, "disk_bytes": 268435456}}
 * relax: {"limits": {"memory_bytes": 402653184, "disk_bytes": 268435456}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <fcntl.h>

int
main(void)
{
	static char block[1 << 20];
	int fd = open("/tmp/grow", O_CREAT | O_WRONLY, 0600);

	memset(block, 1, sizeof(block));
	for (int i = 0; i < 96; i++) {
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return verdict("the file does not grow");
	}
	escaped("took 96 MiB in files");
	return 0;
}
