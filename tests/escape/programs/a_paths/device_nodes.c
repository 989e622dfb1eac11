/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T4 T9 Making device nodes for memory and disks, and opening them.
 * promise: 1
 * without: LANDLOCK -> one wall less
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void
try_node(const char *name, mode_t type, unsigned major_number, unsigned minor_number)
{
	int fd;

	if (mknod(name, type | 0666, makedev(major_number, minor_number)) != 0) {
		/* Landlock answers EACCES before the capability is asked for; EPERM would be the capability alone. */
		if (errno != EACCES)
			escaped("one wall less: %s %s", name, errno_name(errno));
		return;
	}
	escaped("made %s", name);
	fd = open(name, O_RDONLY);
	if (fd >= 0)
		escaped("opened %s", name);
	unlink(name);
}

int
main(void)
{
	try_node("/tmp/mem", S_IFCHR, 1, 1);
	try_node("/tmp/kmsg", S_IFCHR, 1, 11);
	try_node("/work/vda", S_IFBLK, 254, 0);
	try_node("/work/sda", S_IFBLK, 8, 0);
	try_node("/dev/shm/fuse", S_IFCHR, 10, 229);
	return verdict("no device can be made");
}
