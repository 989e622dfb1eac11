/* SPDX-License-Identifier: Apache-2.0 */
#include "session/found.h"

#include <stdlib.h>

#include "ipc/collect.h"

static bool take_text(struct slice *r, uint32_t len, struct slice *ret_text)
{
	const char *text = slice_take(r, len + 1ull);

	if (!text || memchr(text, '\0', len + 1ul) != text + len)
		return false;
	*ret_text = (struct slice){text, len};
	return true;
}

static bool head_is_good(const struct collect_change *head)
{
	const struct pack_entry *entry = &head->entry;

	if (head->skip >= COLLECT_SKIPS || entry->root >= PACK_ROOTS || entry->type >= PACK_TYPES ||
	    entry->path_bytes > PACK_PATH_BYTES || (entry->mode & ~PACK_MODE_MASK) || entry->offset || entry->pack)
		return false;
	if (head->skip && entry->type != PACK_GONE)
		return false;
	if (entry->type == PACK_LINK ? !entry->target_bytes || entry->target_bytes > PACK_TARGET_BYTES
				     : entry->target_bytes != 0)
		return false;
	return entry->type == PACK_FILE || (!entry->size && !entry->check && !entry->mtime_ns);
}

/* 1, 0 for something that was skipped, -ERR_PROTOCOL. */
static int take_change(struct slice *r, struct session_change *change)
{
	struct collect_change head;
	const char *bytes = slice_take(r, -(uintptr_t)r->data % 8) ? slice_take(r, sizeof(head)) : NULL;

	if (!bytes)
		return -ERR_PROTOCOL;
	memcpy(&head, bytes, sizeof(head));
	const struct pack_entry *entry = &head.entry;
	if (!head_is_good(&head))
		return -ERR_PROTOCOL;
	*change = (struct session_change){
	    .item = {.size = entry->size, .check = entry->check, .mtime_ns = entry->mtime_ns, .mode = entry->mode,
		     .root = entry->root, .type = entry->type}};
	if (!take_text(r, entry->path_bytes, &change->item.path) ||
	    (entry->type == PACK_LINK && !take_text(r, entry->target_bytes, &change->item.target)))
		return -ERR_PROTOCOL;
	if (head.skip)
		return 0;
	if (entry->type == PACK_FILE && !(change->data = slice_take(r, entry->size)))
		return -ERR_PROTOCOL;
	return tree_path_is_good(change->item.path) ? 1 : -ERR_PROTOCOL;
}

static bool none_is_twice(const struct session_change *changes, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (pack_compare(changes[i - 1].item.root, changes[i - 1].item.path, changes[i].item.root,
				 changes[i].item.path) == 0)
			return false;
	return true;
}

int found_parse(struct session_found *ret_found, struct slice bytes, uint32_t count)
{
	struct slice r = bytes;
	struct session_found found = {0};

	if (count > bytes.len / sizeof(struct collect_change))
		return -ERR_PROTOCOL;
	_free_ struct session_change *changes = calloc(count + 1ul, sizeof(*changes));
	if (!changes)
		return -ERR_NO_MEMORY;
	for (uint32_t i = 0; i < count; i++) {
		int taken = take_change(&r, &changes[found.count]);
		if (taken < 0)
			return taken;
		found.bytes += taken ? changes[found.count].item.size : 0;
		found.count += (size_t)taken;
		found.skipped += !taken;
	}
	if (r.len)
		return -ERR_PROTOCOL;
	tree_sort(changes, found.count);
	if (!none_is_twice(changes, found.count))
		return -ERR_PROTOCOL;
	found.changes = steal_pointer(changes);
	*ret_found = found;
	return 0;
}

void found_finish(struct session_found *found)
{
	free(found->changes);
	*found = (struct session_found){0};
}
