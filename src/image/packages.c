/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/packages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "image/digest.h"
#include "image/tree.h"

#define ARCHIVES     "var/cache/apt/archives"
#define DPKG_INFO    "var/lib/dpkg/info"
#define DIGEST_CHARS (DIGEST_BYTES - 1)

/* Two directories of packages, by descriptor, so that names never have to be put together. */
struct stores {
	int cache, archives;
};

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), cut = strlen(suffix);

	return len > cut && strcmp(name + len - cut, suffix) == 0;
}

static int is_package(const struct dirent *entry)
{
	return ends_with(entry->d_name, ".deb");
}

static int is_listing(const struct dirent *entry)
{
	return ends_with(entry->d_name, ".list");
}

static int digest_at(int dir, const char *name, char digest[static DIGEST_BYTES])
{
	_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -1 : digest_fd(digest, fd);
}

/* Calls fn for each package of the directory; the count, or -1 with errno. */
static int for_each(int dir, int (*fn)(const struct stores *stores, const char *name, void *ctx),
		    const struct stores *stores, void *ctx)
{
	struct dirent **entries = NULL;
	int count = scandirat(dir, ".", &entries, is_package, alphasort);
	int rc = count < 0 ? -1 : 0;

	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = fn(stores, entries[i]->d_name, ctx);
		free(entries[i]);
	}
	free(entries);
	return rc < 0 ? -1 : count;
}

static int open_stores(struct stores *stores, const char *cache, const char *root, bool make,
		       struct err *err)
{
	char archives[4096];

	snprintf(archives, sizeof(archives), "%s/" ARCHIVES, root);
	int rc = tree_make_directory(cache, err);
	if (rc == 0 && make)
		rc = tree_make_directory(archives, err);
	if (rc < 0)
		return rc;
	stores->cache = open(cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	stores->archives = open(archives, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (stores->cache < 0)
		return err_field(err, ERR_IO, cache, "Cannot open %s: %s.", cache, strerror(errno));
	return 0;
}

static void close_stores(struct stores *stores)
{
	fd_close(stores->cache);
	fd_close(stores->archives);
}

static int failed(struct err *err, const char *cache)
{
	return err_field(err, ERR_IO, cache, "Cannot keep packages in %s: %s.", cache,
			 strerror(errno));
}

/* --- cache to tree --- */

static int offer_one(const struct stores *stores, const char *name, void *ctx)
{
	char digest[DIGEST_BYTES];

	(void)ctx;
	if (strlen(name) <= DIGEST_CHARS + 1 || digest_at(stores->cache, name, digest) < 0 ||
	    strncmp(name, digest, DIGEST_CHARS) != 0)
		return unlinkat(stores->cache, name, 0); /* damaged: it will be fetched anew */
	int rc = linkat(stores->cache, name, stores->archives, name + DIGEST_CHARS + 1, 0);
	return rc < 0 && errno == EEXIST ? 0 : rc;
}

int packages_offer(const char *cache, const char *root, struct err *err)
{
	struct stores stores = {-1, -1};
	int rc = open_stores(&stores, cache, root, true, err);

	if (rc == 0) {
		rc = for_each(stores.cache, offer_one, &stores, NULL);
		if (rc < 0)
			rc = failed(err, cache);
	}
	close_stores(&stores);
	return rc;
}

/* --- tree to cache --- */

static int keep_one(const struct stores *stores, const char *name, void *ctx)
{
	char digest[DIGEST_BYTES], kept[512];
	FILE *list = ctx;

	if (digest_at(stores->archives, name, digest) < 0)
		return -1;
	snprintf(kept, sizeof(kept), "%s-%s", digest, name);
	if (list)
		fprintf(list, "%s  %s\n", digest, name);
	int rc = linkat(stores->archives, name, stores->cache, kept, 0);
	return rc < 0 && errno == EEXIST ? 0 : rc;
}

/* A package that is in both places has two links, one that this build did not take in has one. */
static int forget_unused(const struct stores *stores, const char *name, void *ctx)
{
	struct stat st;

	(void)ctx;
	if (fstatat(stores->cache, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_nlink > 1)
		return 0;
	return unlinkat(stores->cache, name, 0);
}

static int keep_all(const struct stores *stores, FILE *list)
{
	if (stores->archives < 0)
		return 0; /* an interrupted build that had not come so far */
	int count = for_each(stores->archives, keep_one, stores, list);
	if (count >= 0 && list && for_each(stores->cache, forget_unused, stores, NULL) < 0)
		return -1;
	return count;
}

int packages_keep(const char *cache, const char *root, const char *list, struct err *err)
{
	struct stores stores = {-1, -1};
	FILE *out = list ? fopen(list, "we") : NULL;

	if (list && !out)
		return err_field(err, ERR_IO, list, "Cannot write %s: %s.", list, strerror(errno));
	int rc = open_stores(&stores, cache, root, false, err);
	if (rc == 0) {
		rc = keep_all(&stores, out);
		if (rc < 0)
			rc = failed(err, cache);
	}
	close_stores(&stores);
	if (out && fclose(out) != 0 && rc >= 0)
		rc = failed(err, list);
	return rc;
}

/* --- how far --- */

static unsigned count_in(const char *root, const char *dir, int (*wanted)(const struct dirent *))
{
	char path[4096];
	struct dirent **entries = NULL;

	snprintf(path, sizeof(path), "%s/%s", root, dir);
	int count = scandir(path, &entries, wanted, NULL);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return count < 0 ? 0 : (unsigned)count;
}

void packages_count(const char *root, unsigned *ret_known, unsigned *ret_installed)
{
	*ret_known = count_in(root, ARCHIVES, is_package);
	*ret_installed = count_in(root, DPKG_INFO, is_listing);
}
