/* SPDX-License-Identifier: Apache-2.0 */
#include "session/index.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* --- writing --- */

static int align(struct buf *out, uint64_t before)
{
	static const char zeros[8];

	return buf_append(out, zeros, (8 - (before + out->len) % 8) % 8);
}

static int append_text(struct buf *out, struct slice text)
{
	int rc = buf_append(out, text.data, text.len);

	return rc < 0 ? rc : buf_append(out, "", 1);
}

static int write_entry(struct buf *out, const struct pack_item *item, uint64_t before)
{
	struct pack_entry entry = {
	    .path_bytes = (uint32_t)item->path.len,
	    .target_bytes = (uint32_t)item->target.len,
	    .root = item->root,
	    .type = item->type,
	    .pack = item->pack,
	    .mode = item->mode,
	    .mtime_ns = item->mtime_ns,
	    .size = item->size,
	    .offset = item->offset,
	    .check = item->check,
	};
	int rc = align(out, before);

	if (rc == 0)
		rc = buf_append(out, &entry, sizeof(entry));
	if (rc == 0)
		rc = append_text(out, item->path);
	return rc == 0 && item->type == PACK_LINK ? append_text(out, item->target) : rc;
}

int index_write(struct buf *out, const struct session_tree *tree, uint64_t content_bytes)
{
	struct pack_foot foot = {.magic = PACK_MAGIC, .entry_count = (uint32_t)tree->count};
	int rc = align(out, content_bytes);
	size_t begin = out->len;

	for (size_t i = 0; rc == 0 && i < tree->count; i++)
		rc = write_entry(out, &tree->items[i], content_bytes);
	if (rc == 0)
		rc = align(out, content_bytes);
	if (rc < 0)
		return rc;
	foot.index_bytes = out->len - begin;
	foot.total_bytes = content_bytes + out->len + sizeof(foot);
	return foot.index_bytes > PACK_INDEX_BYTES ? -ERR_TOO_LARGE : buf_append(out, &foot, sizeof(foot));
}

/* --- reading --- */

struct reader {
	const char *at, *end;
	const uint64_t *sizes;
	unsigned pack_count;
};

static bool entry_is_good(const struct reader *r, const struct pack_entry *entry)
{
	if (entry->root >= PACK_ROOTS || entry->type >= PACK_GONE || entry->path_bytes > PACK_PATH_BYTES ||
	    (entry->mode & ~PACK_MODE_MASK))
		return false;
	if (entry->type != PACK_LINK ? entry->target_bytes
				     : entry->target_bytes == 0 || entry->target_bytes > PACK_TARGET_BYTES)
		return false;
	if (entry->type != PACK_FILE)
		return !entry->size && !entry->offset && !entry->check && !entry->pack && !entry->mtime_ns;
	return entry->pack < r->pack_count && entry->size <= r->sizes[entry->pack] &&
	       entry->offset <= r->sizes[entry->pack] - entry->size;
}

/* A text of exactly that length, with its NUL. */
static bool take_text(struct reader *r, uint32_t len, struct slice *ret_text)
{
	if ((size_t)(r->end - r->at) < len + 1ul || memchr(r->at, '\0', len + 1ul) != r->at + len)
		return false;
	*ret_text = (struct slice){r->at, len};
	r->at += len + 1;
	return true;
}

static bool take_entry(struct reader *r, struct pack_item *item)
{
	size_t pad = -(uintptr_t)r->at % 8;
	struct pack_entry entry;

	if ((size_t)(r->end - r->at) < pad + sizeof(entry))
		return false;
	memcpy(&entry, r->at + pad, sizeof(entry));
	r->at += pad + sizeof(entry);
	if (!entry_is_good(r, &entry))
		return false;
	*item = (struct pack_item){
	    .size = entry.size, .offset = entry.offset, .check = entry.check, .mtime_ns = entry.mtime_ns,
	    .mode = entry.mode, .root = entry.root, .type = entry.type, .pack = (uint8_t)entry.pack};
	return take_text(r, entry.path_bytes, &item->path) && tree_path_is_good(item->path) &&
	       (entry.type != PACK_LINK || take_text(r, entry.target_bytes, &item->target));
}

int index_parse(struct session_tree **ret_tree, const char *bytes, size_t len, uint32_t entries, const uint64_t *sizes,
		unsigned pack_count)
{
	struct reader r = {bytes, bytes + len, sizes, pack_count};

	if (entries > PACK_ENTRIES_MAX)
		return -ERR_PROTOCOL;
	_free_ struct pack_item *items = calloc(entries + 1ul, sizeof(*items));
	if (!items)
		return -ERR_NO_MEMORY;
	for (uint32_t i = 0; i < entries; i++) {
		if (!take_entry(&r, &items[i]))
			return -ERR_PROTOCOL;
		if (i && pack_compare(items[i - 1].root, items[i - 1].path, items[i].root, items[i].path) >= 0)
			return -ERR_PROTOCOL;
	}
	if (r.end - r.at >= 8)
		return -ERR_PROTOCOL;
	return tree_make(ret_tree, items, entries);
}

static int read_at(int fd, void *into, size_t len, uint64_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, (char *)into + done, len - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -ERR_IO : -ERR_PROTOCOL;
		done += (size_t)n;
	}
	return 0;
}

int index_read(struct session_tree **ret_tree, int fd, const uint64_t *sizes, unsigned pack_count)
{
	uint64_t size = sizes[pack_count - 1];
	struct pack_foot foot;

	if (size < sizeof(foot))
		return -ERR_PROTOCOL;
	int rc = read_at(fd, &foot, sizeof(foot), size - sizeof(foot));
	if (rc < 0)
		return rc;
	if (foot.magic != PACK_MAGIC || foot.total_bytes != size || foot.index_bytes > PACK_INDEX_BYTES ||
	    foot.index_bytes > size - sizeof(foot))
		return -ERR_PROTOCOL;
	_free_ char *bytes = malloc(foot.index_bytes + 1);
	if (!bytes)
		return -ERR_NO_MEMORY;
	rc = read_at(fd, bytes, foot.index_bytes, size - sizeof(foot) - foot.index_bytes);
	return rc < 0 ? rc : index_parse(ret_tree, bytes, foot.index_bytes, foot.entry_count, sizes, pack_count);
}

/* --- the body of a document --- */

int list_write(struct buf *out, const struct session_list *list)
{
	struct pack_list head = {.magic = PACK_MAGIC, .pack_count = list->pack_count, .env_count = list->env_count};
	int rc = buf_append(out, &head, sizeof(head));

	if (rc == 0)
		rc = buf_append(out, list->packs, list->pack_count * sizeof(list->packs[0]));
	for (unsigned i = 0; rc == 0 && i < list->env_count; i++)
		rc = append_text(out, list->env[i]);
	return rc;
}

int list_read(struct session_list *ret_list, struct slice body)
{
	struct session_list list = {0};
	struct pack_list head;

	if (body.len < sizeof(head))
		return -ERR_PROTOCOL;
	memcpy(&head, body.data, sizeof(head));
	if (head.magic != PACK_MAGIC || head.pack_count > PACKS_MAX || head.env_count > SESSION_ENV_MAX ||
	    body.len < sizeof(head) + head.pack_count * sizeof(list.packs[0]))
		return -ERR_PROTOCOL;
	list.pack_count = head.pack_count;
	memcpy(list.packs, body.data + sizeof(head), head.pack_count * sizeof(list.packs[0]));
	const char *at = body.data + sizeof(head) + head.pack_count * sizeof(list.packs[0]), *end = body.data + body.len;
	_free_ struct slice *env = calloc(head.env_count + 1ul, sizeof(*env));
	if (!env)
		return -ERR_NO_MEMORY;
	for (; list.env_count < head.env_count; list.env_count++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));
		if (!nul)
			return -ERR_PROTOCOL;
		env[list.env_count] = (struct slice){at, (size_t)(nul - at)};
		at = nul + 1;
	}
	list.env = steal_pointer(env);
	*ret_list = list;
	return 0;
}
