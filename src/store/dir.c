/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of the database belongs to an unprivileged user, while the command line and the
 * store's start run as root. So nothing in it is opened, made or changed by name as root beyond
 * what is here: files are taken hold of with O_PATH|O_NOFOLLOW, and only a regular file with a
 * single link changes its owner.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "store/packs.h"
#include "store/seal.h"
#include "store/store.h"

static const char *const file_names[] = {STORE_FILE, STORE_FILE "-wal", STORE_FILE "-shm", SEAL_KEY_FILE};

static int fail(struct err *err, const char *what, const char *state_dir)
{
	return err_set(err, ERR_IO,
		       "%s %s failed: %s; set state_dir to a directory this user may write.", what,
		       state_dir, strerror(errno));
}

/* Every missing directory of the path, as mkdir -p. */
static int make_path(const char *path)
{
	char part[4096];

	for (size_t i = 0; i < sizeof(part) && (i == 0 || path[i - 1]); i++) {
		part[i] = path[i];
		if (i == 0 || (path[i] != '/' && path[i]))
			continue;
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -1;
		part[i] = path[i];
	}
	return 0;
}

/* Opens state_dir/db, made if missing. -1 with errno. */
static int open_dir(const char *state_dir)
{
	if (make_path(state_dir) < 0)
		return -1;
	_close_ int parent = open(state_dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (parent < 0 || (mkdirat(parent, STORE_SUBDIR, 0700) < 0 && errno != EEXIST))
		return -1;
	return openat(parent, STORE_SUBDIR, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

static int own_file(int dir, const char *name, uid_t uid, gid_t gid)
{
	_close_ int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		errno = EINVAL;
		return -1;
	}
	if (st.st_uid == uid && st.st_gid == gid)
		return 0;
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
}

/* The packs, where they are another user's than they were. */
static int own_packs(int dir, uid_t uid, gid_t gid)
{
	int fd = openat(dir, STORE_PACKS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	DIR *packs = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	if (!packs) {
		rc = errno == ENOENT ? 0 : -1;
		fd_close(fd);
		return rc;
	}
	if (fstat(fd, &st) < 0 || ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0))
		rc = -1;
	while (rc == 0 && st.st_uid != uid && (entry = readdir(packs)))
		if (entry->d_name[0] != '.')
			rc = own_file(fd, entry->d_name, uid, gid);
	closedir(packs);
	return rc;
}

int store_dir_prepare(const char *state_dir, uid_t uid, gid_t gid, struct err *err)
{
	_close_ int dir = open_dir(state_dir);
	struct stat st;

	if (dir < 0 || fstat(dir, &st) < 0)
		return fail(err, "Making the database's directory in", state_dir);
	if ((st.st_uid != uid || st.st_gid != gid) && fchown(dir, uid, gid) < 0)
		return fail(err, "Giving the database's directory to its user in", state_dir);
	if ((st.st_mode & 07777) != 0700 && fchmod(dir, 0700) < 0)
		return fail(err, "Closing the database's directory to others in", state_dir);
	for (size_t i = 0; i < ARRAY_LEN(file_names); i++)
		if (own_file(dir, file_names[i], uid, gid) < 0)
			return fail(err, "Giving the database's files to their user in", state_dir);
	if (own_packs(dir, uid, gid) < 0)
		return fail(err, "Giving the packs to their user in", state_dir);
	return 0;
}

/*
 * chroot, because the owner may not search the directories above (state_dir below /root):
 * afterwards the database is "./" STORE_FILE for whoever we have become.
 */
static int become(const struct stat *st)
{
	if (chroot(".") < 0 || setgroups(0, NULL) < 0)
		return -1;
	if (setresgid(st->st_gid, st->st_gid, st->st_gid) < 0)
		return -1;
	return setresuid(st->st_uid, st->st_uid, st->st_uid);
}

int store_dir_enter(const char *state_dir, struct err *err)
{
	_close_ int dir = open_dir(state_dir);
	struct stat st;

	if (dir < 0 || fstat(dir, &st) < 0 || fchdir(dir) < 0)
		return fail(err, "Opening the database's directory in", state_dir);
	if (st.st_uid == geteuid())
		return 0;
	if (geteuid() != 0)
		return err_set(err, ERR_FORBIDDEN, "%s/%s belongs to user %u; run this as root.",
			       state_dir, STORE_SUBDIR, (unsigned)st.st_uid);
	if (become(&st) < 0)
		return fail(err, "Becoming the owner of the database in", state_dir);
	return 0;
}
