/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that callers send: in pieces of any size they are what they are in one, and what comes of them fits into a
 * session's tree, with names that are good.
 */
#include <stdint.h>
#include <string.h>

#include "insist.h"
#include "session/untar.h"

#define ARENA_BYTES (64 * MIB)

static const struct pack_item items[] = {
    {.path = SLICE_LITERAL("d"), .type = PACK_DIRECTORY, .mode = 0755},
    {.path = SLICE_LITERAL("d/f"), .type = PACK_FILE, .mode = 0644},
    {.path = SLICE_LITERAL("l"), .target = SLICE_LITERAL("d"), .type = PACK_LINK},
};

/* FNV-1a of all that a reader tells. */
static uint64_t add(uint64_t sum, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
	return sum;
}

static uint64_t read_in_pieces(struct slice archive, size_t piece_bytes)
{
	struct tar_reader reader;
	struct tar_piece piece;
	struct err err;
	uint64_t sum = 14695981039346656037u;
	int event = TAR_MORE;

	tar_reader_init(&reader);
	while (archive.len && event >= 0) {
		struct slice input = {archive.data, MIN_OF(piece_bytes, archive.len)};
		archive = (struct slice){archive.data + input.len, archive.len - input.len};
		while ((event = tar_read(&reader, &input, &piece, &err)) > TAR_MORE) {
			if (event == TAR_DATA) {
				sum = add(sum, piece.data.data, piece.data.len);
				continue;
			}
			sum = add(sum, piece.entry.name.data, piece.entry.name.len);
			sum = add(sum, piece.entry.target.data, piece.entry.target.len);
			sum = add(sum, &piece.entry.size, sizeof(piece.entry.size));
			sum = add(sum, &piece.entry.mtime_ns, sizeof(piece.entry.mtime_ns));
		}
		insist(event < 0 || input.len == 0, "all of the input is taken");
	}
	sum = add(sum, &event, sizeof(event));
	tar_reader_finish(&reader);
	return sum;
}

static void check_changes(const struct session_change *changes, size_t count, const struct session_tree *tree, struct slice archive)
{
	struct session_tree *after = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct pack_item *item = &changes[i].item;
		insist(tree_path_is_good(item->path), "names are good");
		insist(item->type != PACK_LINK || (item->target.len && item->target.len <= PACK_TARGET_BYTES), "links lead somewhere");
		insist((item->mode & ~PACK_MODE_MASK) == 0, "modes are modes");
		insist(item->size == 0 || (changes[i].data >= archive.data && item->size <= archive.len &&
					   changes[i].data + item->size <= archive.data + archive.len),
		       "contents lie inside of the archive");
	}
	insist(tree_change(&after, tree, changes, count, PACKS_MAX) == 0, "it fits into the tree");
	tree_unref(after);
}

/* Sums of all blocks, contents too: what an input that was changed can hardly have right. */
static void seal(char *bytes, size_t size)
{
	const size_t from = offsetof(struct tar_header, checksum), len = sizeof(((struct tar_header *)0)->checksum);

	for (; size >= TAR_BLOCK_BYTES; bytes += TAR_BLOCK_BYTES, size -= TAR_BLOCK_BYTES) {
		unsigned sum = 0;
		memset(bytes + from, ' ', len);
		for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
			sum += (unsigned char)bytes[i];
		if (sum != len * ' ') /* a block of zeros stays one */
			snprintf(bytes + from, len, "%06o", sum);
		else
			memset(bytes + from, 0, len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *copy = malloc(size + 1);
	const struct slice archive = {copy, size};
	struct arena *arena = arena_create(ARENA_BYTES);
	struct session_tree *tree = NULL;
	struct session_change *changes = NULL;
	struct untar untar;
	struct err err;
	size_t count = 0;

	memcpy(copy, data, size);
	seal(copy, size);
	insist(read_in_pieces(archive, 7) == read_in_pieces(archive, size), "it does not matter how large the pieces are");
	insist(tree_make(&tree, items, ARRAY_LEN(items)) == 0, "there is a tree");
	untar_init(&untar, arena, size % 2 ? PACK_HOME : PACK_WORK, size % 3 ? (struct slice){0} : SLICE_LITERAL("d"));
	if (untar_all(&untar, archive, &err) == 0 && untar_changes(&untar, tree, &changes, &count, &err) == 0)
		check_changes(changes, count, tree, archive);
	untar_finish(&untar);
	tree_unref(tree);
	arena_destroy(arena);
	return 0;
}
