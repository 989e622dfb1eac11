/* SPDX-License-Identifier: Apache-2.0 */
#include "session/tree.h"

#include <stdlib.h>

#include "ipc/collect.h"

#define COMPONENT_BYTES 255 /* NAME_MAX */

struct session_tree *tree_create(void)
{
	struct session_tree *tree = NULL;

	return tree_make(&tree, NULL, 0) < 0 ? NULL : tree;
}

struct session_tree *tree_ref(struct session_tree *tree)
{
	tree->references++;
	return tree;
}

void tree_unref(struct session_tree *tree)
{
	if (tree && --tree->references == 0)
		free(tree);
}

/* --- finding --- */

size_t tree_place(const struct session_tree *tree, unsigned root, struct slice path)
{
	size_t low = 0, high = tree->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct pack_item *item = &tree->items[middle];
		if (pack_compare(item->root, item->path, root, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct pack_item *tree_find(const struct session_tree *tree, unsigned root, struct slice path)
{
	size_t place = tree_place(tree, root, path);

	if (place == tree->count || tree->items[place].root != root || !slice_equal(tree->items[place].path, path))
		return NULL;
	return &tree->items[place];
}

bool tree_path_is_good(struct slice path)
{
	if (path.len == 0 || path.len > PACK_PATH_BYTES || slice_has_nul(path))
		return false;
	for (size_t at = 0; at <= path.len;) {
		const char *slash = memchr(path.data + at, '/', path.len - at);
		size_t part = (slash ? (size_t)(slash - path.data) : path.len) - at;
		if (part == 0 || part > COMPONENT_BYTES || (part <= 2 && memcmp(path.data + at, "..", part) == 0))
			return false;
		at += part + 1;
	}
	return true;
}

/* The directory that a path is in; {NULL, 0}: the root. */
static struct slice parent_of(struct slice path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.data[i - 1] == '/')
			return (struct slice){path.data, i - 1};
	return (struct slice){0};
}

int tree_may_put(const struct session_tree *tree, unsigned root, struct slice path, enum pack_type type,
		 struct err *err)
{
	const struct pack_item *there = tree_find(tree, root, path);

	if (there && (there->type == PACK_DIRECTORY) != (type == PACK_DIRECTORY))
		return err_set(err, ERR_CONFLICT, "There is %s of that name.",
			       there->type == PACK_DIRECTORY ? "a directory" : "something else");
	for (struct slice up = parent_of(path); up.len; up = parent_of(up)) {
		there = tree_find(tree, root, up);
		if (there && there->type != PACK_DIRECTORY)
			return err_set(err, ERR_CONFLICT, "A directory of that path is %s.",
				       there->type == PACK_LINK ? "a link, and none is followed" : "a file");
	}
	return 0;
}

/* --- making --- */

static size_t bytes_of(const struct pack_item *items, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += items[i].path.len + items[i].target.len + 2;
	return bytes;
}

static struct slice copy(char **at, struct slice text)
{
	struct slice here = {*at, text.len};

	if (text.len)
		memcpy(*at, text.data, text.len);
	(*at)[text.len] = '\0';
	*at += text.len + 1;
	return here;
}

static bool parents_are_there(const struct session_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		struct slice up = parent_of(tree->items[i].path);
		const struct pack_item *parent = up.len ? tree_find(tree, tree->items[i].root, up) : NULL;
		if (up.len && (!parent || parent->type != PACK_DIRECTORY))
			return false;
	}
	return true;
}

int tree_make(struct session_tree **ret_tree, const struct pack_item *items, size_t count)
{
	struct session_tree *tree = malloc(sizeof(*tree) + count * sizeof(*items) + bytes_of(items, count));

	if (!tree)
		return -ERR_NO_MEMORY;
	*tree = (struct session_tree){.references = 1, .count = count, .items = (struct pack_item *)(tree + 1)};
	char *names = (char *)(tree->items + count);
	for (size_t i = 0; i < count; i++) {
		struct pack_item *item = &tree->items[i];
		*item = items[i];
		item->path = copy(&names, items[i].path);
		item->target = copy(&names, items[i].target);
		tree->bytes += collect_rounded(item->size);
		tree->live[item->pack] += item->size;
	}
	if (parents_are_there(tree)) {
		*ret_tree = tree;
		return 0;
	}
	free(tree);
	return -ERR_PROTOCOL;
}

static int compare(const void *left, const void *right)
{
	const struct pack_item *a = &((const struct session_change *)left)->item;
	const struct pack_item *b = &((const struct session_change *)right)->item;

	return pack_compare(a->root, a->path, b->root, b->path);
}

void tree_sort(struct session_change *changes, size_t count)
{
	if (count)
		qsort(changes, count, sizeof(*changes), compare);
}

/* What was at a changed path goes, and what was below it unless that still is a directory. */
static void mark_gone(const struct session_tree *tree, const struct pack_item *change, unsigned char *gone)
{
	for (size_t i = tree_place(tree, change->root, change->path); i < tree->count; i++) {
		const struct pack_item *item = &tree->items[i];
		if (item->root != change->root || item->path.len < change->path.len ||
		    memcmp(item->path.data, change->path.data, change->path.len) != 0)
			return;
		if (item->path.len == change->path.len ||
		    (change->type != PACK_DIRECTORY && pack_is_below(item->path, change->path)))
			gone[i] = 1;
		else if (change->type == PACK_DIRECTORY)
			return;
	}
}

static struct pack_item *add(struct pack_item *out, const struct session_change *change, unsigned pack)
{
	if (change->item.type == PACK_GONE)
		return out;
	*out = change->item;
	if (change->data)
		out->pack = (uint8_t)pack;
	return out + 1;
}

int tree_change(struct session_tree **ret_tree, const struct session_tree *tree,
		const struct session_change *changes, size_t count, unsigned pack)
{
	_free_ struct pack_item *items = calloc(tree->count + count + 1, sizeof(*items));
	_free_ unsigned char *gone = calloc(tree->count + 1, 1);
	struct pack_item *out = items;
	size_t at = 0;

	if (!items || !gone)
		return -ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		mark_gone(tree, &changes[i].item, gone);
	for (size_t i = 0; i < tree->count; i++) {
		const struct pack_item *item = &tree->items[i];
		while (at < count && pack_compare(changes[at].item.root, changes[at].item.path, item->root, item->path) <= 0)
			out = add(out, &changes[at++], pack);
		if (!gone[i])
			*out++ = *item;
	}
	while (at < count)
		out = add(out, &changes[at++], pack);
	return tree_make(ret_tree, items, (size_t)(out - items));
}
