/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memrchr */
#include "session/untar.h"

#define SHOWN_BYTES 80

struct untar_entry {
	struct session_change change;
	struct slice other;        /* of a hard link: the path that has the content */
	uint8_t other_root;
	bool hard_link;
	size_t order;              /* of coming */
};

void untar_init(struct untar *untar, struct arena *arena, unsigned root, struct slice below)
{
	*untar = (struct untar){.arena = arena, .root = root, .below = below};
}

void untar_finish(struct untar *untar)
{
	free(untar->entries);
	untar->entries = NULL;
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

/* A name in an error's text. */
static const char *shown(char out[static SHOWN_BYTES], struct slice name)
{
	size_t len = MIN_OF(name.len, (size_t)SHOWN_BYTES - 1);

	for (size_t i = 0; i < len; i++)
		out[i] = name.data[i] < ' ' || name.data[i] > '~' ? '?' : name.data[i];
	out[len] = '\0';
	return out;
}

/* --- names --- */

static bool begins(struct slice text, struct slice with)
{
	return text.len >= with.len && memcmp(text.data, with.data, with.len) == 0;
}

static struct slice without(struct slice text, size_t len)
{
	return (struct slice){text.data + len, text.len - len};
}

/* "./a/" is a; {NULL, 0} is the directory itself. */
static struct slice clean(struct slice name)
{
	while (begins(name, SLICE_LITERAL("./")))
		name = without(name, 2);
	while (name.len > 1 && name.data[name.len - 1] == '/')
		name.len--;
	if (name.len == 1 && name.data[0] == '.')
		return (struct slice){0};
	return name;
}

static struct slice join(struct arena *arena, struct slice directory, struct slice name)
{
	size_t len = directory.len + (directory.len > 0) + name.len;
	char *text = arena_alloc(arena, len + 1);

	if (!text)
		return (struct slice){0};
	if (directory.len) {
		memcpy(text, directory.data, directory.len);
		text[directory.len] = '/';
	}
	memcpy(text + len - name.len, name.data, name.len);
	text[len] = '\0';
	return (struct slice){text, len};
}

/* Where an archive's name is in the session; ret_path->len 0: the directory that all goes to. */
static int place(const struct untar *untar, struct slice name, uint8_t *ret_root, struct slice *ret_path, struct err *err)
{
	char text[SHOWN_BYTES];
	struct slice path = clean(name);

	*ret_root = (uint8_t)untar->root;
	if (!untar->below.data && untar->root == PACK_WORK && begins(path, SLICE_LITERAL("~")) &&
	    (path.len == 1 || path.data[1] == '/')) {
		*ret_root = PACK_HOME;
		path = without(path, MIN_OF(path.len, 2u));
	}
	*ret_path = path;
	if (path.len == 0)
		return 0;
	if (!tree_path_is_good(path) || untar->below.len + (untar->below.len > 0) + path.len > PACK_PATH_BYTES)
		return err_set(err, ERR_BAD_REQUEST,
			       "A name of the archive is absolute, has an empty or '..' part, or is too long: %s", shown(text, name));
	*ret_path = join(untar->arena, untar->below, path);
	return ret_path->data ? 0 : no_memory(err);
}

/* --- taking entries --- */

static struct untar_entry *new_entry(struct untar *untar, struct err *err)
{
	size_t room = untar->room ? 2 * untar->room : 64;

	if (untar->count == PACK_ENTRIES_MAX) {
		err_limit(err, ERR_LIMIT_EXCEEDED, "", PACK_ENTRIES_MAX, "The session would have more than %u files.", PACK_ENTRIES_MAX);
		return NULL;
	}
	if (untar->count == untar->room) {
		struct untar_entry *entries = realloc(untar->entries, room * sizeof(*entries));
		if (!entries) {
			no_memory(err);
			return NULL;
		}
		untar->entries = entries;
		untar->room = room;
	}
	struct untar_entry *entry = &untar->entries[untar->count];
	*entry = (struct untar_entry){.order = untar->count++};
	return entry;
}

static int take_target(struct untar *untar, const struct tar_entry *from, struct untar_entry *entry, struct err *err)
{
	char text[SHOWN_BYTES];
	struct slice target = from->target;

	if (from->hard_link)
		return place(untar, target, &entry->other_root, &entry->other, err);
	if (target.len == 0 || target.len > PACK_TARGET_BYTES || slice_has_nul(target))
		return err_set(err, ERR_BAD_REQUEST, "A link of the archive leads nowhere: %s", shown(text, from->name));
	target.data = arena_copy(untar->arena, target.data, target.len);
	entry->change.item.target = target;
	return target.data ? 0 : no_memory(err);
}

int untar_add(struct untar *untar, const struct tar_entry *from, struct err *err)
{
	struct untar_entry *entry = new_entry(untar, err);
	struct pack_item *item;

	if (!entry)
		return -err->code;
	item = &entry->change.item;
	*item = (struct pack_item){.type = (uint8_t)from->type, .mode = from->type == PACK_LINK ? 0 : from->mode};
	if (from->type == PACK_FILE) {
		item->size = from->size;
		item->mtime_ns = from->mtime_ns;
		entry->change.data = "";
	}
	entry->hard_link = from->hard_link;
	int rc = place(untar, from->name, &item->root, &item->path, err);
	if (rc == 0 && (from->hard_link || from->type == PACK_LINK))
		rc = take_target(untar, from, entry, err);
	if (rc < 0 || item->path.len)
		return rc;
	if (from->type != PACK_DIRECTORY)
		return err_set(err, ERR_BAD_REQUEST, "The archive has a file in the place of the directory that it goes to.");
	untar->count--; /* it is there */
	return 0;
}

struct session_change *untar_last(struct untar *untar)
{
	return untar->count ? &untar->entries[untar->count - 1].change : NULL;
}

int untar_say_cut(struct err *err)
{
	return err_set(err, ERR_BAD_REQUEST, "The archive ends before its end.");
}

int untar_all(struct untar *untar, struct slice archive, struct err *err)
{
	struct tar_reader reader;
	struct tar_piece piece;
	int event, rc = 0;

	tar_reader_init(&reader);
	while (rc == 0 && (event = tar_read(&reader, &archive, &piece, err)) != TAR_MORE) {
		if (event == TAR_ENTRY)
			rc = untar_add(untar, &piece.entry, err);
		else if (event == TAR_DATA) /* one piece: all that there is of it is here */
			untar_last(untar)->data = piece.data.data;
		else
			rc = event;
	}
	if (rc == 0 && !tar_is_whole(&reader))
		rc = untar_say_cut(err);
	tar_reader_finish(&reader);
	return rc;
}

/* --- what comes of them --- */

static int compare_paths(const struct pack_item *a, const struct pack_item *b)
{
	return pack_compare(a->root, a->path, b->root, b->path);
}

static int compare(const void *left, const void *right)
{
	const struct untar_entry *a = left, *b = right;
	int order = compare_paths(&a->change.item, &b->change.item);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* The last one under each name stays. */
static void drop_earlier(struct untar *untar)
{
	size_t kept = 0;

	if (untar->count)
		qsort(untar->entries, untar->count, sizeof(untar->entries[0]), compare);
	for (size_t i = 0; i < untar->count; i++) {
		if (kept && compare_paths(&untar->entries[kept - 1].change.item, &untar->entries[i].change.item) == 0)
			kept--;
		untar->entries[kept++] = untar->entries[i];
	}
	untar->count = kept;
}

/* Among the first, sorted ones. */
static const struct untar_entry *find(const struct untar *untar, size_t sorted, unsigned root, struct slice path)
{
	size_t low = 0, high = sorted;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct pack_item *item = &untar->entries[middle].change.item;
		int order = pack_compare(item->root, item->path, root, path);
		if (order == 0)
			return &untar->entries[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Hard links become files of their own, of the same content. */
static int resolve(struct untar *untar, struct err *err)
{
	char text[SHOWN_BYTES];

	for (size_t i = 0; i < untar->count; i++) {
		struct untar_entry *entry = &untar->entries[i];
		struct pack_item *item = &entry->change.item, own = *item;
		if (!entry->hard_link)
			continue;
		const struct untar_entry *other = find(untar, untar->count, entry->other_root, entry->other);
		if (!other || other->change.item.type != PACK_FILE || other->hard_link)
			return err_set(err, ERR_BAD_REQUEST, "A hard link of the archive is to nothing that is a file in it: %s",
				       shown(text, own.path));
		entry->change = other->change;
		item->path = own.path;
		item->root = own.root;
	}
	return 0;
}

/* The directory that a path is in; {NULL, 0}: the root. */
static struct slice parent_of(struct slice path)
{
	const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;

	return slash ? (struct slice){path.data, (size_t)(slash - path.data)} : (struct slice){0};
}

static int no_directory(struct slice path, struct err *err)
{
	char text[SHOWN_BYTES];

	return err_set(err, ERR_CONFLICT, "This is a directory in one of session and archive, and not in the other: %s",
		       shown(text, path));
}

/* Its directories: those that neither the session nor the archive has are made. What was done for the one before is not done again. */
static int add_parents(struct untar *untar, size_t at, size_t sorted, const struct session_tree *tree, struct err *err)
{
	const struct pack_item item = untar->entries[at].change.item;
	const struct pack_item before = at ? untar->entries[at - 1].change.item : (struct pack_item){.root = PACK_ROOTS};

	for (struct slice up = parent_of(item.path); up.len; up = parent_of(up)) {
		if (before.root == item.root && pack_is_below(before.path, up))
			return 0;
		const struct untar_entry *own = find(untar, sorted, item.root, up);
		const struct pack_item *there = own ? &own->change.item : tree_find(tree, item.root, up);
		if (there)
			return there->type == PACK_DIRECTORY ? 0 : no_directory(up, err);
		struct untar_entry *made = new_entry(untar, err);
		if (!made)
			return -err->code;
		made->change.item = (struct pack_item){.path = up, .root = item.root, .type = PACK_DIRECTORY, .mode = 0755};
	}
	return 0;
}

static int check_against(const struct pack_item *item, const struct session_tree *tree, struct err *err)
{
	const struct pack_item *there = tree_find(tree, item->root, item->path);

	return there && (there->type == PACK_DIRECTORY) != (item->type == PACK_DIRECTORY) ? no_directory(item->path, err) : 0;
}

static int copy_changes(const struct untar *untar, struct session_change **ret_changes, struct err *err)
{
	struct session_change *changes = arena_array(untar->arena, struct session_change, untar->count + 1);

	if (!changes)
		return no_memory(err);
	for (size_t i = 0; i < untar->count; i++)
		changes[i] = untar->entries[i].change;
	tree_sort(changes, untar->count);
	*ret_changes = changes;
	return 0;
}

int untar_changes(struct untar *untar, const struct session_tree *tree, struct session_change **ret_changes,
		  size_t *ret_count, struct err *err)
{
	drop_earlier(untar);
	int rc = resolve(untar, err);
	size_t sorted = untar->count;

	for (size_t i = 0; rc == 0 && i < sorted; i++) {
		rc = check_against(&untar->entries[i].change.item, tree, err);
		if (rc == 0)
			rc = add_parents(untar, i, sorted, tree, err);
	}
	if (rc == 0)
		rc = copy_changes(untar, ret_changes, err);
	if (rc == 0)
		*ret_count = untar->count;
	return rc;
}
