/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox/tmpfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include "base/fd.h"
#include "base/util.h"

/*
 * An inode costs about a kilobyte of kernel memory, which the cgroup counts; this bounds it as
 * well.
 */
#define BYTES_PER_INODE (8 * KIB)
#define INODES_LEAST    1024

static int set_number(int context_fd, const char *key, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return fsconfig(context_fd, FSCONFIG_SET_STRING, key, text, 0);
}

static int set_size(int context_fd, uint64_t disk_bytes)
{
	return set_number(context_fd, "size", disk_bytes) < 0 ||
	       set_number(context_fd, "nr_inodes", disk_bytes / BYTES_PER_INODE + INODES_LEAST) < 0
	           ? -1 : 0;
}

int tmpfs_create(uint64_t disk_bytes, bool nosymfollow)
{
	_close_ int context_fd = fsopen("tmpfs", FSOPEN_CLOEXEC);
	unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

	if (context_fd < 0 || set_size(context_fd, disk_bytes) < 0 ||
	    fsconfig(context_fd, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	if (nosymfollow)
		attributes |= MOUNT_ATTR_NOSYMFOLLOW;
	return fsmount(context_fd, FSMOUNT_CLOEXEC, attributes);
}

int tmpfs_resize(int tmpfs_fd, uint64_t disk_bytes)
{
	_close_ int context_fd = fspick(tmpfs_fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);

	if (context_fd < 0 || set_size(context_fd, disk_bytes) < 0)
		return -1;
	return fsconfig(context_fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}

bool tmpfs_is_full(int tmpfs_fd)
{
	struct statfs fs;

	return fstatfs(tmpfs_fd, &fs) == 0 && (fs.f_bavail == 0 || fs.f_ffree == 0);
}
