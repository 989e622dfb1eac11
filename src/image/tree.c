/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/tree.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/util.h"

#define PATH_BYTES 4096
#define CAPABILITY "security.capability"

/* All below these goes, they stay. */
static const char *const emptied[] = {
    "boot",	 "dev",		"home",	   "media",   "mnt",	 "proc",
    "root",	 "run",		"srv",	   "sys",     "tmp",	 "var/backups",
    "var/cache", "var/lib/apt", "var/log", "var/tmp", "etc/apt",
};

/* What would tell of the machine the image was built on, or is of no use without root. */
static const char *const removed[] = {
    "etc/hostname", "etc/machine-id", "etc/resolv.conf", "etc/shadow",
    "etc/shadow-",  "etc/gshadow",    "etc/gshadow-",	 "etc/passwd-",
    "etc/group-",   "etc/.pwd.lock",  "etc/subuid-",	 "etc/subgid-",
};

/* What the jail mounts on. */
static const char *const mount_points[] = {"work", "home", "tmp", "proc", "dev", "dev/shm", "sys"};

static int fail(struct err *err, const char *path)
{
	return err_field(err, ERR_IO, path, "Cannot change %s: %s.", path, strerror(errno));
}

/* Calls fn for everything below path, and path itself, children before their directory (FTS_DP). */
static int walk(const char *path, int (*fn)(const FTSENT *entry), struct err *err)
{
	char *const paths[] = {(char *)path, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	int rc = 0;

	if (!fts)
		return fail(err, path);
	for (FTSENT *entry; rc == 0 && (entry = fts_read(fts));) {
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR ||
		    entry->fts_info == FTS_NS) {
			errno = entry->fts_errno;
			rc = errno == ENOENT ? 0 : fail(err, entry->fts_path);
		} else if (entry->fts_info != FTS_D && fn(entry) < 0) {
			rc = fail(err, entry->fts_path);
		}
	}
	fts_close(fts);
	return rc;
}

static int remove_entry(const FTSENT *entry)
{
	return entry->fts_info == FTS_DP ? rmdir(entry->fts_accpath) : unlink(entry->fts_accpath);
}

static int remove_below(const FTSENT *entry)
{
	return entry->fts_level == FTS_ROOTLEVEL ? 0 : remove_entry(entry);
}

int tree_remove(const char *path, struct err *err)
{
	return walk(path, remove_entry, err);
}

int tree_make_directory(const char *path, struct err *err)
{
	char part[PATH_BYTES];
	size_t len = (size_t)snprintf(part, sizeof(part), "%s", path);

	if (len >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return fail(err, path);
	}
	for (size_t i = 1; i <= len; i++) {
		char saved = part[i];
		if (saved != '/' && saved != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return fail(err, part);
		part[i] = saved;
	}
	return 0;
}

/* A file capability is a set-user-id bit by another name. */
static int disarm(const FTSENT *entry)
{
	const struct stat *st = entry->fts_statp;

	if (!S_ISREG(st->st_mode))
		return 0;
	if (lgetxattr(entry->fts_accpath, CAPABILITY, NULL, 0) > 0 &&
	    lremovexattr(entry->fts_accpath, CAPABILITY) < 0)
		return -1;
	if (!(st->st_mode & (S_ISUID | S_ISGID)))
		return 0;
	return chmod(entry->fts_accpath, st->st_mode & 0777);
}

static int remove_files(const char *root, struct err *err)
{
	char path[PATH_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(removed); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, removed[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			return fail(err, path);
	}
	return 0;
}

static int empty_directories(const char *root, struct err *err)
{
	char path[PATH_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(emptied); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, emptied[i]);
		int rc = walk(path, remove_below, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int make_mount_points(const char *root, struct err *err)
{
	char path[PATH_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(mount_points); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, mount_points[i]);
		if ((mkdir(path, 0755) < 0 && errno != EEXIST) || chmod(path, 0755) < 0)
			return fail(err, path);
	}
	return 0;
}

/* The jail's network is a loopback: its name must resolve without asking anybody. */
static int write_hosts(const char *root, struct err *err)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/etc/hosts", root);
	FILE *out = fopen(path, "we");
	if (!out)
		return fail(err, path);
	fputs("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n", out);
	return fclose(out) == 0 ? 0 : fail(err, path);
}

int tree_trim(const char *root, struct err *err)
{
	int rc = empty_directories(root, err);

	if (rc == 0)
		rc = remove_files(root, err);
	if (rc == 0)
		rc = make_mount_points(root, err);
	if (rc == 0)
		rc = write_hosts(root, err);
	return rc < 0 ? rc : walk(root, disarm, err);
}
