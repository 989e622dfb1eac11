/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the recipe: file systems. Paths are those of world.h until step_root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "confine/creds.h"
#include "sandbox/jail.h"
#include "sandbox/world.h"

/* A directory of the jail's tmpfs and where it goes. */
static const struct writable {
	const char *name, *target;
	mode_t mode;
} writables[] = {
    {"work", "/work", 0755},
    {"home", "/home", PAYLOAD_HOME_MODE},
    {"tmp", "/tmp", 01777},
    {"shm", "/dev/shm", 01777},
};

/* A path below the root that the jail will have. */
_printf_(3, 4) static const char *in_root(char out[static WORLD_PATH_MAX],
                                          const struct jail_plan *plan, const char *fmt, ...)
{
	int used = snprintf(out, WORLD_PATH_MAX, WORLD_IMAGE "/%u", plan->image);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out + used, WORLD_PATH_MAX - (size_t)used, fmt, ap);
	va_end(ap);
	return out;
}

/*
 * The bind has the flags of the mount it is taken from: read-only, nosuid, nodev as world.c set
 * them. With what is mounted below: a user namespace may not uncover that.
 */
static int bind(const char *source, const char *target)
{
	return mount(source, target, NULL, MS_BIND | MS_REC, NULL);
}

static int make_writable(const struct jail_plan *plan, int tmpfs_fd, const struct writable *dir)
{
	/*
	 * the mode of mkdirat goes through the umask; it is changed while the directory is root's
	 */
	if (mkdirat(tmpfs_fd, dir->name, 0700) < 0 ||
	    fchmodat(tmpfs_fd, dir->name, dir->mode, 0) < 0)
		return -1;
	return fchownat(tmpfs_fd, dir->name, plan->uid, plan->uid, AT_SYMLINK_NOFOLLOW);
}

/* --- the file system that a jail writes to --- */

static int set_number(int context_fd, const char *key, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return fsconfig(context_fd, FSCONFIG_SET_STRING, key, text, 0);
}

static int set_size(int context_fd, uint64_t disk_bytes)
{
	return set_number(context_fd, "size", disk_bytes) < 0 ||
	       set_number(context_fd, "nr_inodes", payload_inodes(disk_bytes)) < 0
	           ? -1 : 0;
}

/* A new one, mounted nowhere yet. Its descriptor, or -1 with errno. */
static int tmpfs_create(uint64_t disk_bytes, bool nosymfollow)
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

/* --- the steps --- */

int step_image(struct jail_plan *plan)
{
	char root[WORLD_PATH_MAX];

	in_root(root, plan, "%s", "");
	return bind(root, root);
}

int step_tmpfs(struct jail_plan *plan)
{
	bool nosymfollow = plan->nosymfollow && !plan_lacks(plan, WALL_NOSYMFOLLOW);

	plan->tmpfs_fd = tmpfs_create(plan->disk_bytes, nosymfollow);
	if (plan->tmpfs_fd < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(writables); i++)
		if (make_writable(plan, plan->tmpfs_fd, &writables[i]) < 0)
			return -1;
	return move_mount(plan->tmpfs_fd, "", AT_FDCWD, WORLD_SCRATCH, MOVE_MOUNT_F_EMPTY_PATH);
}

int step_dev(struct jail_plan *plan)
{
	char target[WORLD_PATH_MAX];

	if (bind(WORLD_DEV, in_root(target, plan, "/dev")) < 0)
		return -1;
	/* terminals of this jail alone; so few that all jails together leave the host's their own (pty(7)) */
	return mount("devpts", in_root(target, plan, "/dev/pts"), "devpts", MS_NOSUID | MS_NOEXEC,
		     "newinstance,ptmxmode=0666,mode=0600,max=8");
}

int step_binds(struct jail_plan *plan)
{
	char source[WORLD_PATH_MAX], target[WORLD_PATH_MAX];

	if (plan->tmpfs_fd < 0) /* left out: the spawner's own, see world.h */
		plan->tmpfs_fd = open(WORLD_SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(writables); i++) {
		snprintf(source, sizeof(source), WORLD_SCRATCH "/%s", writables[i].name);
		if (bind(source, in_root(target, plan, "%s", writables[i].target)) < 0)
			return -1;
	}
	/* /work once more, for programs that look for their files in /mnt/req; not every image has it */
	if (bind(WORLD_SCRATCH "/work", in_root(target, plan, "/mnt")) < 0 && errno != ENOENT)
		return -1;
	return 0;
}

int step_proc(struct jail_plan *plan)
{
	char target[WORLD_PATH_MAX];
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	in_root(target, plan, "/proc");
	/*
	 * hidepid: pid 1, which is another user, does not exist for the program; "invisible" since
	 * Linux 5.8, and by its number in all
	 */
	return mount("proc", target, "proc", flags, "hidepid=2");
}

/* The entries of proc.def that this kernel has. */
static struct {
	const char *name;
	bool is_dir;
} masks[] = {
#define X(name) {#name, false},
#include "sandbox/proc.def"
#undef X
};
static size_t mask_count;

void steps_fs_init(int proc_fd)
{
	struct stat st;

	mask_count = 0;
	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		if (fstatat(proc_fd, masks[i].name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		masks[mask_count].name = masks[i].name;
		masks[mask_count++].is_dir = S_ISDIR(st.st_mode);
	}
}

/*
 * A bind over the wrong kind of file would fail as well, but only after the kernel has made a mount
 * and, to take it back, waited for RCU: so what is what is found out once, at the start.
 */
int step_proc_mask(struct jail_plan *plan)
{
	char target[WORLD_PATH_MAX];

	for (size_t i = 0; i < mask_count; i++)
		if (bind(masks[i].is_dir ? WORLD_MASK_DIR : WORLD_MASK_FILE,
		         in_root(target, plan, "/proc/%s", masks[i].name)) < 0)
			return -1;
	in_root(target, plan, "/proc/sys");
	if (bind(target, target) < 0)
		return -1;
	return mount(NULL, target, NULL,
	             MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

int step_etc(struct jail_plan *plan)
{
	static const char *const names[] = {"passwd", "group", "hosts", "hostname", "resolv.conf"};
	char source[WORLD_PATH_MAX], target[WORLD_PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(source, sizeof(source), WORLD_ETC "/%u/%s", plan->slot, names[i]);
		if (access(source, F_OK) < 0) /* the slot has none of its own */
			snprintf(source, sizeof(source), WORLD_ETC "/%s", names[i]);
		/* An image need not have the file: then there is nothing to cover. */
		if (bind(source, in_root(target, plan, "/etc/%s", names[i])) < 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

int step_oom(struct jail_plan *plan _unused_)
{
	return fd_write_file_at(AT_FDCWD, "/proc/self/oom_score_adj", "1000");
}

/* Of a mount that is in no namespace any more: chroot(2), as it cannot become one's root. */
int step_work_root(struct jail_plan *plan)
{
	return fchdir(plan->tmpfs_fd) < 0 ? -1 : chroot(".");
}

int step_root(struct jail_plan *plan)
{
	char root[WORLD_PATH_MAX];

	return creds_enter_root(in_root(root, plan, "%s", ""));
}
