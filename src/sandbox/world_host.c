/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox/world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define STAGE "/dev" /* where it is put together; covered only meanwhile */

static const char *const paths[] = {
#define X(path) #path,
#include "sandbox/host_image.def"
#undef X
};

/* path as in host_image.def; made below STAGE. */
static int show(const char *path)
{
	char target[PATH_MAX], link[PATH_MAX];
	struct stat st;

	snprintf(target, sizeof(target), STAGE "%s", path);
	if (lstat(path, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode)) {
		ssize_t len = readlink(path, link, sizeof(link) - 1);
		if (len < 0)
			return -1;
		link[len] = '\0';
		return symlink(link, target);
	}
	if ((S_ISDIR(st.st_mode) ? mkdir(target, 0755) : world_make_file(AT_FDCWD, target, "")) < 0)
		return -1;
	/* with file systems below: a user namespace may not leave them out */
	return mount(path, target, NULL, MS_BIND | MS_REC, NULL);
}

static int fill(void)
{
	static const char *const dirs[] = {"/dev",  "/proc", "/sys", "/tmp", "/work", "/home",
					   "/root", "/var",  "/run", "/mnt", "/etc", "/etc/ssl"};
	char target[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		snprintf(target, sizeof(target), STAGE "%s", dirs[i]);
		if (mkdir(target, 0755) < 0)
			return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (show(paths[i]) < 0)
			return -1;
	return 0;
}

int world_host_tree(void)
{
	if (mount("none", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0)
		return -1;
	int tree_fd = fill() < 0 ? -1
				 : open_tree(AT_FDCWD, STAGE,
					     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	int saved = errno;
	umount2(STAGE, MNT_DETACH);
	errno = saved;
	return tree_fd;
}
