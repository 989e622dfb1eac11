/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

int beneath_open(int dir_fd, const char *name, bool follow)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	};

	if (!follow) {
		how.flags |= O_NOFOLLOW;
		how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
	}
	return (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

enum collect_skip beneath_skip(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return COLLECT_MISSING;
	case ELOOP:
	case EXDEV:
		return COLLECT_LINK;
	case ENXIO: /* a socket: open(2) */
	case ENODEV:
		return COLLECT_NOT_A_FILE;
	default:
		return COLLECT_UNREADABLE;
	}
}

/* Records begin 8-aligned; what is skipped over is a hole of zeros. */
int beneath_begin_record(int out_fd, off_t *ret_begin)
{
	off_t end = lseek(out_fd, 0, SEEK_CUR);

	*ret_begin = lseek(out_fd, (end + 7) & ~(off_t)7, SEEK_SET);
	return end < 0 || *ret_begin < 0 ? -1 : 0;
}

bool beneath_copy(int out_fd, int in_fd, uint64_t bytes)
{
	char more;

	while (bytes) {
		ssize_t n = sendfile(out_fd, in_fd, NULL, bytes);
		if (n <= 0)
			return false;
		bytes -= (uint64_t)n;
	}
	return read(in_fd, &more, 1) == 0;
}

bool beneath_is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}
