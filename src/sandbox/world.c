/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox/world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "confine/creds.h"

#define WORLD_AT       "/proc" /* any directory: covered only until the new root is entered */
#define READ_ONLY_TREE (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

static int failed(struct err *err, const char *what)
{
	return err_set(err, ERR_JAIL_FAILED, "Cannot prepare the jails' file system: %s: %s.", what,
	               strerror(errno));
}

static int clone_tree(int dir_fd, const char *path, unsigned flags)
{
	return open_tree(dir_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

static int set_attributes(int fd, uint64_t attributes, bool recursive)
{
	struct mount_attr attr = {.attr_set = attributes};

	return mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr,
			     sizeof(attr));
}

int world_init(struct world *world, bool rootless, struct err *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	umask(0); /* modes are as they are written here */
	memset(world, 0, sizeof(*world));
	world->rootless = rootless;
	world->etc_fd = -1;
	if (rootless && (unshare(CLONE_NEWUSER) < 0 || creds_map_ids(uid, gid) < 0))
		return failed(err, "user namespace");
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return failed(err, "mount namespace");
	world->own_mounts = true;
	world->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return world->proc_fd < 0 ? failed(err, "/proc") : 0;
}

/*
 * The directory as this mount namespace has it: a tree can be cloned only from one's own. The name
 * is what the kernel says of the descriptor, and must lead to the same directory.
 */
static int reopen(int dir_fd)
{
	char link[64], path[PATH_MAX];
	struct stat given, found;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir_fd);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return -1;
	path[len] = '\0';
	_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(dir_fd, &given) < 0 || fstat(fd, &found) < 0)
		return -1;
	if (given.st_dev != found.st_dev || given.st_ino != found.st_ino) {
		errno = ESTALE;
		return -1;
	}
	return fd_steal(&fd);
}

/*
 * A tree that is mounted nowhere yet. Not recursive: what is mounted somewhere below is not part of
 * it.
 */
static int take_tree(const struct world *world, int dir_fd, enum image_kind kind)
{
	if (!world->own_mounts) {
		errno = EPERM; /* all this would happen to the host's */
		return -1;
	}
	if (kind == IMAGE_HOST)
		return world_host_tree();
	_close_ int own_fd = reopen(dir_fd);
	return own_fd < 0 ? -1 : clone_tree(own_fd, "", AT_EMPTY_PATH);
}

int world_add_image(struct world *world, int dir_fd, enum image_kind kind, struct err *err)
{
	unsigned index = world->image_count++;
	_close_ int tree_fd = take_tree(world, dir_fd, kind);

	world->images[index] = -1;
	if (tree_fd < 0 || set_attributes(tree_fd, READ_ONLY_TREE, true) < 0)
		return err_set(err, ERR_IMAGE, "Image %u cannot be mounted: %s.", index,
			       strerror(errno));
	world->images[index] = fd_steal(&tree_fd);
	return 0;
}

/* --- building; paths are relative to the new root, the working directory --- */

int world_make_file(int dir_fd, const char *name, const char *text)
{
	_close_ int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	return fd < 0 ? -1 : fd_write_all(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* A device node, or, where the kernel does not let us make one, the host's, bound. */
static int make_device(const char *name, dev_t number, int host_dev_fd)
{
	char path[64];

	snprintf(path, sizeof(path), "dev/%s", name);
	if (mknod(path, S_IFCHR | 0666, number) == 0)
		return chmod(path, 0666);
	_close_ int node_fd = clone_tree(host_dev_fd, name, 0);
	if (node_fd < 0 || world_make_file(AT_FDCWD, path, "") < 0)
		return -1;
	return move_mount(node_fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

static int make_dev(int host_dev_fd)
{
	static const struct {
		const char *name;
		unsigned major, minor; /* Documentation/admin-guide/devices.txt */
	} nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

	if (mkdir("dev", 0755) < 0 ||
	    mount("none", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") < 0 ||
	    mkdir("dev/shm", 01777) < 0 || mkdir("dev/pts", 0755) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
		if (make_device(nodes[i].name, makedev(nodes[i].major, nodes[i].minor), host_dev_fd) < 0)
			return -1;
	if (symlink("/proc/self/fd", "dev/fd") < 0 || symlink("/proc/self/fd/0", "dev/stdin") < 0 ||
	    symlink("/proc/self/fd/1", "dev/stdout") < 0 ||
	    symlink("/proc/self/fd/2", "dev/stderr") < 0 || symlink("pts/ptmx", "dev/ptmx") < 0)
		return -1;
	return mount(NULL, "dev", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC,
		     NULL);
}

static int make_images(struct world *world)
{
	char path[WORLD_PATH_MAX];

	if (mkdir("image", 0755) < 0)
		return -1;
	for (unsigned i = 0; i < world->image_count; i++) {
		snprintf(path, sizeof(path), "image/%u", i);
		if (world->images[i] < 0)
			continue;
		if (mkdir(path, 0755) < 0 ||
		    move_mount(world->images[i], "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return -1;
		world->images[i] = fd_close(world->images[i]);
	}
	return 0;
}

static int make_rest(void)
{
	if (mkdir("mask", 0755) < 0 || mkdir("mask/dir", 0555) < 0 ||
	    world_make_file(AT_FDCWD, "mask/file", "") < 0 || mkdir("scratch", 0755) < 0 ||
	    mkdir("etc", 0755) < 0 || mkdir("proc", 0555) < 0)
		return -1;
	if (world_make_file(AT_FDCWD, "etc/hosts",
		      "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n") < 0 ||
	    world_make_file(AT_FDCWD, "etc/hostname", "sandbox\n") < 0)
		return -1;
	return world_make_file(AT_FDCWD, "etc/resolv.conf", "");
}

int world_build(struct world *world, struct err *err)
{
	_close_ int dev_fd = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_close_ int proc_fd = world->rootless ? clone_tree(AT_FDCWD, "/proc", AT_RECURSIVE) : -1;

	if (mount("none", WORLD_AT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64m") < 0 ||
	    chdir(WORLD_AT) < 0)
		return failed(err, "root");
	if (make_dev(dev_fd) < 0)
		return failed(err, "/dev");
	if (make_images(world) < 0)
		return failed(err, "images");
	if (make_rest() < 0 ||
	    (world->rootless && move_mount(proc_fd, "", AT_FDCWD, "proc", MOVE_MOUNT_F_EMPTY_PATH) < 0))
		return failed(err, "directories");
	/*
	 * A mount of /etc that only this descriptor reaches: the one in the tree becomes read-only.
	 */
	_close_ int etc_fd = clone_tree(AT_FDCWD, "etc", 0);
	if (etc_fd < 0 ||
	    (world->etc_fd = openat(etc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return failed(err, "/etc");
	unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
	if (mount(NULL, ".", NULL, flags, NULL) < 0 || creds_enter_root(".") < 0)
		return failed(err, "entering it");
	return 0;
}

int world_add_user(struct world *world, unsigned slot, unsigned uid)
{
	char name[16], passwd[256], group[128];

	snprintf(name, sizeof(name), "%u", slot);
	if (mkdirat(world->etc_fd, name, 0755) < 0)
		return errno == EEXIST ? 0 : -1;
	snprintf(passwd, sizeof(passwd),
	         "root:x:0:0:root:/root:/bin/sh\nsandbox:x:%u:%u:sandbox:/home:/bin/sh\n"
	         "nobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n", uid, uid);
	snprintf(group, sizeof(group), "root:x:0:\nsandbox:x:%u:\nnogroup:x:65534:\n", uid);
	_close_ int dir_fd = openat(world->etc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0 || world_make_file(dir_fd, "passwd", passwd) < 0 ||
	       world_make_file(dir_fd, "group", group) < 0 ? -1 : 0;
}
