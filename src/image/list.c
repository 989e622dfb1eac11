/* SPDX-License-Identifier: Apache-2.0 */
/* Listing, verifying and removing images, and what they share with building. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "image/contents.h"
#include "image/image.h"
#include "image/internal.h"
#include "image/tree.h"

#define OLD_PREFIX ".old."
#define LOCK_FILE  ".lock"

/* --- names, the lock --- */

char *image_path(const char *image_dir, const char *name, const char *file)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s%s%s", image_dir, name, file ? "/" : "", file ? file : "") < 0)
		return NULL;
	return path;
}

int image_name_check(const char *name, struct err *err)
{
	bool fine = isalnum((unsigned char)name[0]) && strlen(name) <= 64;

	for (const char *c = name; fine && *c; c++)
		fine = isalnum((unsigned char)*c) || strchr("-_.", *c);
	return fine ? 0
		    : err_field(
			  err, ERR_CONFIG, "name",
			  "'%.80s' cannot be the name of an image; use letters, digits, - _ and .",
			  name);
}

int image_lock(const char *image_dir, struct err *err)
{
	int rc = tree_make_directory(image_dir, err);
	_free_ char *path = image_path(image_dir, LOCK_FILE, NULL);

	if (rc < 0 || !path)
		return rc < 0 ? rc : err_set(err, ERR_NO_MEMORY, "Out of memory.");
	_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd_steal(&fd);
	if (fd >= 0 && errno == EWOULDBLOCK)
		return err_field(err, ERR_CONFLICT, image_dir,
				 "Another image is being built or removed in %s; wait for it.",
				 image_dir);
	return err_field(err, ERR_IO, path, "Cannot lock %s: %s; run it as root.", path,
			 strerror(errno));
}

/* --- taking out of use --- */

/* A server holds a shared lock on the tree it uses: see supervise/images.c. */
static bool in_use(const char *image_dir, const char *name)
{
	_free_ char *path = image_path(image_dir, name, IMAGE_TREE_DIR);
	_close_ int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
}

static int is_old(const struct dirent *entry)
{
	return strncmp(entry->d_name, OLD_PREFIX, sizeof(OLD_PREFIX) - 1) == 0;
}

static int remove_old(const char *image_dir, const char *name, struct err *err)
{
	_free_ char *path = image_path(image_dir, name, NULL);

	if (!path)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	return in_use(image_dir, name) ? 0 : tree_remove(path, err);
}

static int remove_all_old(const char *image_dir, struct err *err)
{
	struct dirent **entries = NULL;
	int count = scandir(image_dir, &entries, is_old, NULL), rc = 0;

	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = remove_old(image_dir, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int image_retire(const char *image_dir, const char *name, struct err *err)
{
	char old[64];

	snprintf(old, sizeof(old), OLD_PREFIX "%llu.%d", (unsigned long long)clock_wall_ms(),
		 (int)getpid());
	_free_ char *from = image_path(image_dir, name, NULL);
	_free_ char *to = image_path(image_dir, old, NULL);
	if (!from || !to)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	if (rename(from, to) < 0 && errno != ENOENT)
		return err_field(err, ERR_IO, from, "Cannot rename %s: %s.", from, strerror(errno));
	return remove_all_old(image_dir, err);
}

int image_remove(const char *image_dir, const char *name, struct err *err)
{
	struct stat st;
	int rc = image_name_check(name, err);

	if (rc < 0)
		return rc;
	_close_ int lock = image_lock(image_dir, err);
	if (lock < 0)
		return lock;
	_free_ char *path = image_path(image_dir, name, NULL);
	if (!path || lstat(path, &st) < 0)
		return err_field(err, ERR_NOT_FOUND, name, "There is no image '%s' in %s.", name,
				 image_dir);
	if (in_use(image_dir, name))
		return err_field(err, ERR_CONFLICT, name,
				 "A server uses the image '%s'; stop it first.", name);
	return image_retire(image_dir, name, err);
}

/* --- listing --- */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int list_add(struct image_list *list, const char *image_dir, const char *name,
		    struct err *err)
{
	struct image_list_entry *entry = &list->entries[list->count];
	int rc = image_info_load(&entry->info, image_dir, name, err);

	if (rc < 0)
		return rc == -ERR_NOT_FOUND ? 0 : rc;
	list->count++;
	entry->name = strdup(name);
	return entry->name ? 0 : err_set(err, ERR_NO_MEMORY, "Out of memory.");
}

int image_list_load(struct image_list *ret_list, const char *image_dir, struct err *err)
{
	struct image_list list = {0};
	struct dirent **entries = NULL;
	int count = scandir(image_dir, &entries, visible, alphasort), rc = 0;

	if (count < 0 && errno != ENOENT)
		return err_field(err, ERR_IO, image_dir, "Cannot read %s: %s.", image_dir,
				 strerror(errno));
	count = MAX_OF(count, 0);
	list.entries = calloc((size_t)count + 1, sizeof(*list.entries));
	if (!list.entries)
		rc = err_set(err, ERR_NO_MEMORY, "Out of memory.");
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = list_add(&list, image_dir, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	if (rc < 0)
		image_list_finish(&list);
	else
		*ret_list = list;
	return rc;
}

void image_list_finish(struct image_list *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		free(list->entries[i].name);
		image_info_free(list->entries[i].info);
	}
	free(list->entries);
	*list = (struct image_list){0};
}

/* --- verifying --- */

static int compare_tree(const struct contents *before, const char *root, const char *name,
			FILE *out, struct err *err)
{
	struct contents now;
	int rc = contents_scan(&now, root, err);

	if (rc < 0)
		return rc;
	size_t differences = contents_compare(before, &now, out);
	contents_finish(&now);
	if (differences == 0)
		return 0;
	return err_field(err, ERR_IMAGE, name,
			 "The image '%s' differs from its list in %zu places; build it anew "
			 "with --force.",
			 name, differences);
}

static int verify(const struct image_info *info, const char *image_dir, const char *name, FILE *out,
		  struct err *err)
{
	_free_ char *list = image_path(image_dir, name, IMAGE_CONTENTS_FILE);
	_free_ char *root = image_path(image_dir, name, IMAGE_TREE_DIR);
	char digest[DIGEST_BYTES];
	struct contents before;

	if (!list || !root)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	int rc = contents_load(&before, list, digest, err);
	if (rc < 0)
		return rc;
	if (strcmp(digest, info->contents) != 0)
		rc = err_field(err, ERR_IMAGE, name,
			       "The list of the image '%s' is not the one of its build; "
			       "build it anew with --force.",
			       name);
	else
		rc = compare_tree(&before, root, name, out, err);
	contents_finish(&before);
	return rc;
}

int image_verify(const char *image_dir, const char *name, FILE *out, struct err *err)
{
	struct image_info *info;
	int rc = image_name_check(name, err);

	if (rc == 0)
		rc = image_info_load(&info, image_dir, name, err);
	if (rc < 0)
		return rc == -ERR_NOT_FOUND
			   ? err_field(err, ERR_NOT_FOUND, name, "There is no image '%s' in %s.",
				       name, image_dir)
			   : rc;
	rc = verify(info, image_dir, name, out, err);
	image_info_free(info);
	return rc;
}
