/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T1 T2 T9 A symbolic link planted in a writable directory, final and intermediate, absolute and relative.
 * promise: 1
 * without: NOSYMFOLLOW -> followed
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/stat.h>

static void
try_link(const char *target, const char *link_name, const char *through)
{
	int fd;

	unlink(link_name);
	if (symlink(target, link_name) != 0) {
		printf("refused symlink %s %s\n", link_name, errno_name(errno));
		return;
	}
	fd = open(through, O_RDONLY);
	if (fd >= 0)
		escaped("followed %s -> %s", link_name, target);
	else
		printf("refused %s %s\n", through, errno_name(errno));
	if (fd >= 0)
		close(fd);
	unlink(link_name);
}

int
main(void)
{
	try_link("/usr", "/tmp/dir", "/tmp/dir/bin");
	try_link("/usr/bin/env", "/tmp/file", "/tmp/file");
	try_link("../usr", "/work/dir", "/work/dir/bin");
	try_link("/proc/self/root", "/work/root", "/work/root/usr");
	try_link("/usr", "/home/dir", "/home/dir/lib");
	try_link("/usr", "/mnt/dir2", "/mnt/dir2/lib");
	try_link("/usr", "/dev/shm/dir", "/dev/shm/dir/lib");
	return verdict("links in writable directories lead nowhere");
}
