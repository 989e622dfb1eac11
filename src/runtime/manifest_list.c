/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "runtime/manifest.h"

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool answers_to(const struct manifest *manifest, const char *name)
{
	if (strcasecmp(manifest->id, name) == 0)
		return true;
	for (unsigned i = 0; i < manifest->aliases_count; i++)
		if (strcasecmp(manifest->aliases[i], name) == 0)
			return true;
	return false;
}

static int refuse_twice(const struct manifest *a, const struct manifest *b, const char *name,
			struct err *err)
{
	return answers_to(a, name)
		   ? err_field(err, ERR_MANIFEST, b->id,
			       "The runtimes %s and %s both answer to '%s'.", a->id, b->id, name)
		   : 0;
}

/* A name that two runtimes answer to would depend on the order of loading. */
static int check_unique(const struct manifest_list *list, const struct manifest *added,
			struct err *err)
{
	for (unsigned i = 0; i < list->count; i++) {
		int rc = refuse_twice(list->items[i], added, added->id, err);
		for (unsigned j = 0; rc == 0 && j < added->aliases_count; j++)
			rc = refuse_twice(list->items[i], added, added->aliases[j], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A directory without a manifest is not a runtime and is passed over. */
static int add(struct manifest_list *list, const char *dir, const char *id, struct err *err)
{
	struct manifest *manifest;
	int rc = manifest_load(&manifest, dir, id, err);

	if (rc == -ERR_NOT_FOUND)
		return 0;
	if (rc < 0)
		return rc;
	rc = check_unique(list, manifest, err);
	if (rc < 0)
		manifest_free(manifest);
	else
		list->items[list->count++] = manifest;
	return rc;
}

static int add_all(struct manifest_list *list, const char *dir, struct dirent **entries, int count,
		   struct err *err)
{
	int rc = 0;

	list->items = calloc((size_t)count + 1, sizeof(*list->items));
	if (!list->items)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	for (int i = 0; rc == 0 && i < count; i++)
		rc = add(list, dir, entries[i]->d_name, err);
	if (rc == 0 && list->count == 0)
		rc = err_field(err, ERR_MANIFEST, dir,
			       "There are no runtimes in %s; set runtime_dir.", dir);
	return rc;
}

int manifest_list_load(struct manifest_list *ret_list, const char *dir, struct err *err)
{
	struct manifest_list list = {0};
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, visible, alphasort);

	if (count < 0)
		return err_field(err, errno == ENOMEM ? ERR_NO_MEMORY : ERR_IO, dir,
				 "Cannot read the runtimes in %s: %s; set runtime_dir.", dir,
				 strerror(errno));
	int rc = add_all(&list, dir, entries, count, err);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	if (rc < 0)
		manifest_list_finish(&list);
	else
		*ret_list = list;
	return rc;
}

void manifest_list_finish(struct manifest_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		manifest_free(list->items[i]);
	free(list->items);
	*list = (struct manifest_list){0};
}
