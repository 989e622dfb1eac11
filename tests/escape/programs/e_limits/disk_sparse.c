/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T4 T32 Sparse files, fallocate, holes punched and filled: what is really there stays below the limit.
 * promise: 3
 * held: disk_bytes
 * contained: ok|disk_limit|signal
 * request: {"limits": {"disk_bytes": 8388608}}
 * relax: {"limits": {"disk_bytes": 134217728}}
 */
#include "../escape.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

int
main(void)
{
	struct stat found = { 0 };
	int fd = open("/tmp/sparse", O_CREAT | O_RDWR, 0600);

	signal(SIGXFSZ, SIG_IGN);
	if (fallocate(fd, 0, 0, 32 << 20) == 0)
		printf("fallocate was believed\n");
	if (ftruncate(fd, 1 << 30) == 0) {
		for (off_t at = 0; at < (1 << 30); at += 65536)
			(void)!pwrite(fd, "x", 1, at);
	}
	fstat(fd, &found);
	if (found.st_blocks * 512 > 8 << 20)
		escaped("%lld bytes on disk", (long long)found.st_blocks * 512);
	return verdict("sparse files are counted by what they hold");
}
