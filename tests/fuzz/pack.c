/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a pack, and what a collector says of a session: whatever it is, what is read lies inside of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "ipc/check.h"
#include "session/found.h"
#include "session/index.h"

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static void check_tree(const struct session_tree *tree, const uint64_t *sizes)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct pack_item *item = &tree->items[i];
		insist(tree_path_is_good(item->path) && item->path.data[item->path.len] == '\0');
		insist(item->type != PACK_FILE || (item->pack < 2 && item->offset + item->size <= sizes[item->pack]));
		insist(i == 0 || pack_compare(item[-1].root, item[-1].path, item->root, item->path) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t sizes[] = {100, 5000};
	_free_ char *copy = malloc(size + 1); /* aligned, and not longer than it says */
	struct session_tree *tree = NULL, *next = NULL;
	struct session_found found;
	uint32_t count = size ? data[0] : 0;

	memcpy(copy, data, size);
	if (index_parse(&tree, copy, size, count, sizes, 2) == 0)
		check_tree(tree, sizes);
	else
		tree = tree_create();
	if (found_parse(&found, (struct slice){copy, size}, count) == 0) {
		for (size_t i = 0; i < found.count; i++)
			if (found.changes[i].data)
				check_of(found.changes[i].data, found.changes[i].item.size);
		if (tree_change(&next, tree, found.changes, found.count, PACKS_MAX) == 0)
			tree_unref(next);
		found_finish(&found);
	}
	tree_unref(tree);
	return 0;
}
