/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: what is written is read as it was, in pieces of any size; what an archive may not do to a session. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "session/untar.h"

#define LONG_NAME  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
#define ARENA_BYTES (16 * MIB)

static const struct tar_entry written[] = {
    {.name = SLICE_LITERAL("a"), .mode = 0644, .type = PACK_FILE, .size = 3, .mtime_ns = 1234567890123456789},
    {.name = SLICE_LITERAL("d"), .mode = 0700, .type = PACK_DIRECTORY, .mtime_ns = 5000000000},
    {.name = SLICE_LITERAL("d/new\nline = \x01"), .mode = 0, .type = PACK_FILE, .size = 512, .mtime_ns = 0},
    {.name = SLICE_LITERAL("\xff\xfe"), .mode = 0777, .type = PACK_FILE, .size = 0, .mtime_ns = -1500000000},
    {.name = SLICE_LITERAL("\xc3\xbcml\xc3\xa4ut"), .mode = 0600, .type = PACK_FILE, .size = 513, .mtime_ns = 1},
    {.name = SLICE_LITERAL(LONG_NAME LONG_NAME "/" LONG_NAME), .mode = 0755, .type = PACK_DIRECTORY, .mtime_ns = 7000000000},
    {.name = SLICE_LITERAL(LONG_NAME), .mode = 0755, .type = PACK_FILE, .size = 1},
    {.name = SLICE_LITERAL("l"), .target = SLICE_LITERAL("/etc/\xff passwd"), .mode = 0777, .type = PACK_LINK},
    {.name = SLICE_LITERAL("m"), .target = SLICE_LITERAL(LONG_NAME LONG_NAME), .mode = 0777, .type = PACK_LINK},
    {.name = SLICE_LITERAL("far"), .mode = 0644, .type = PACK_FILE, .size = 0, .mtime_ns = 9000000000000000000},
};

static void put_bytes(struct buf *out, size_t count, char byte)
{
	memset(buf_reserve(out, count), byte, count);
	out->len += count;
}

static void put(struct buf *out, const struct tar_entry *entry)
{
	size_t before = out->len;

	assert_int_equal(tar_write(out, entry), 0);
	assert_int_equal(out->len - before, tar_head_bytes(entry));
	put_bytes(out, entry->size, 'x');
	put_bytes(out, tar_padding(entry->size), '\0');
}

static void put_end(struct buf *out)
{
	put_bytes(out, TAR_END_BYTES, '\0');
}

static void assert_slice(struct slice found, struct slice expected)
{
	assert_int_equal(found.len, expected.len);
	if (expected.len)
		assert_memory_equal(found.data, expected.data, expected.len);
}

static void assert_entry(const struct tar_entry *found, const struct tar_entry *expected)
{
	struct slice name = found->name;

	if (found->type == PACK_DIRECTORY && name.len && name.data[name.len - 1] == '/')
		name.len--;
	assert_slice(name, expected->name);
	assert_slice(found->target, expected->target);
	assert_int_equal(found->size, expected->size);
	assert_int_equal(found->mtime_ns, expected->mtime_ns);
	assert_int_equal(found->mode, expected->mode);
	assert_int_equal(found->type, expected->type);
	assert_false(found->hard_link);
}

/* Gives it in pieces; the number of entries that came. */
static size_t read_pieces(struct slice archive, size_t piece_bytes)
{
	struct tar_reader reader;
	struct tar_piece piece;
	struct err err;
	size_t entries = 0;
	uint64_t bytes = 0;
	int event;

	tar_reader_init(&reader);
	while (archive.len) {
		struct slice input = {archive.data, MIN_OF(piece_bytes, archive.len)};
		archive.data += input.len;
		archive.len -= input.len;
		while ((event = tar_read(&reader, &input, &piece, &err)) != TAR_MORE) {
			assert_in_range(event, TAR_ENTRY, TAR_DATA);
			if (event == TAR_ENTRY)
				assert_entry(&piece.entry, &written[entries++]);
			for (size_t i = 0; event == TAR_DATA && i < piece.data.len; i++)
				assert_int_equal(piece.data.data[i], 'x');
			bytes += event == TAR_DATA ? piece.data.len : 0;
		}
	}
	assert_true(tar_is_whole(&reader));
	assert_int_equal(bytes, 3 + 512 + 513 + 1);
	tar_reader_finish(&reader);
	return entries;
}

static void what_is_written_is_read_in_pieces_of_any_size(void **state _unused_)
{
	static const size_t sizes[] = {1, 3, 511, 512, 513, 4096, MIB};
	_buf_finish_ struct buf out;

	buf_init(&out, MIB);
	for (size_t i = 0; i < ARRAY_LEN(written); i++)
		put(&out, &written[i]);
	put_end(&out);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		assert_int_equal(read_pieces(buf_slice(&out), sizes[i]), ARRAY_LEN(written));
}

static void sizes_above_eight_gibibytes_are_told(void **state _unused_)
{
	const struct tar_entry entry = {.name = SLICE_LITERAL("a"), .type = PACK_FILE, .size = 9 * GIB};
	struct tar_reader reader;
	struct tar_piece piece;
	struct err err;
	_buf_finish_ struct buf out;

	buf_init(&out, MIB);
	assert_int_equal(tar_write(&out, &entry), 0);
	struct slice input = buf_slice(&out);
	tar_reader_init(&reader);
	assert_int_equal(tar_read(&reader, &input, &piece, &err), TAR_ENTRY);
	assert_int_equal(piece.entry.size, 9 * GIB);
	tar_reader_finish(&reader);
}

/* --- what others write: blocks by hand --- */

static void set(char *field, size_t bytes, const char *text)
{
	memcpy(field, text, MIN_OF(strlen(text) + 1, bytes));
}

static void seal(struct tar_header *block)
{
	unsigned sum = 0;

	memset(block->checksum, ' ', sizeof(block->checksum));
	for (size_t i = 0; i < sizeof(*block); i++)
		sum += ((const unsigned char *)block)[i];
	snprintf(block->checksum, sizeof(block->checksum), "%06o", sum & 0777777);
}

static struct tar_header block(char type, const char *name, const char *target, const char *size)
{
	struct tar_header block = {.type = type, .mode = "0000644", .mtime = "00000000007"};

	set(block.name, sizeof(block.name), name);
	set(block.target, sizeof(block.target), target);
	set(block.size, sizeof(block.size), size);
	seal(&block);
	return block;
}

static void put_block(struct buf *out, char type, const char *name, const char *target, const char *content)
{
	char size[24];

	snprintf(size, sizeof(size), "%011zo", strlen(content));
	const struct tar_header head = block(type, name, target, size);
	assert_int_equal(buf_append(out, &head, sizeof(head)), 0);
	assert_int_equal(buf_append_text(out, content), 0);
	put_bytes(out, tar_padding(strlen(content)), '\0');
}

/* What is in the session: "d" a directory, "d/f" a file, "l" a link. */
static struct session_tree *session_tree(void)
{
	static const struct pack_item items[] = {
	    {.path = SLICE_LITERAL("d"), .type = PACK_DIRECTORY, .mode = 0755},
	    {.path = SLICE_LITERAL("d/f"), .type = PACK_FILE, .mode = 0644},
	    {.path = SLICE_LITERAL("l"), .target = SLICE_LITERAL("d"), .type = PACK_LINK},
	};
	struct session_tree *tree = NULL;

	assert_int_equal(tree_make(&tree, items, ARRAY_LEN(items)), 0);
	return tree;
}

/* What comes of an archive: "fa=1 dd ", "~" before what is the home's; or "refused: TEXT". */
static void unpack(struct slice archive, unsigned root, struct slice below, char *text, size_t bytes)
{
	struct arena *arena = arena_create(ARENA_BYTES);
	struct session_tree *tree = session_tree(), *after = NULL;
	struct session_change *changes = NULL;
	size_t count = 0, at = 0;
	struct untar untar;
	struct err err = {0};

	untar_init(&untar, arena, root, below);
	int rc = untar_all(&untar, archive, &err);
	if (rc == 0)
		rc = untar_changes(&untar, tree, &changes, &count, &err);
	untar_finish(&untar);
	text[0] = '\0';
	if (rc < 0)
		snprintf(text, bytes, "refused: %s", err.text);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct pack_item *item = &changes[i].item;
		struct slice more = item->type == PACK_LINK ? item->target : (struct slice){changes[i].data, item->size};
		at += (size_t)snprintf(text + at, bytes - at, "%c%s%.*s%s%.*s ", "fdl"[item->type], item->root == PACK_HOME ? "~" : "",
				       (int)item->path.len, item->path.data, more.len ? "=" : "", (int)more.len, more.data);
	}
	if (rc == 0)
		assert_int_equal(tree_change(&after, tree, changes, count, PACKS_MAX), 0);
	tree_unref(after);
	tree_unref(tree);
	arena_destroy(arena);
}

struct blocks {
	char type;
	const char *name, *target, *content;
};

static void archives_become_changes_or_are_refused(void **state _unused_)
{
	static const struct {
		struct blocks blocks[4];
		const char *begin; /* of what comes of it */
		const char *below;
	} rows[] = {
	    {{{'0', "a", "", "1"}}, "fa=1 "},
	    {{{'0', "./a", "", "1"}, {'5', "./", "", ""}}, "fa=1 "},
	    {{{'\0', "x/", "", ""}, {'7', "x/y", "", "2"}}, "dx fx/y=2 "},
	    {{{'0', "x/y/z", "", "1"}}, "dx dx/y fx/y/z=1 "},
	    {{{'0', "a", "", "1"}, {'0', "a", "", "22"}}, "fa=22 "},
	    {{{'0', "d/f", "", "1"}}, "fd/f=1 "},
	    {{{'0', "l", "", "1"}}, "fl=1 "},
	    {{{'2', "k", "/etc/passwd", ""}}, "lk=/etc/passwd "},
	    {{{'0', "a", "", "1"}, {'1', "b", "a", ""}}, "fa=1 fb=1 "},
	    {{{'1', "b", "./a", ""}, {'0', "a", "", "1"}}, "fa=1 fb=1 "},
	    {{{'0', "~/h", "", "1"}, {'5', "~/", "", ""}}, "f~h=1 "},
	    {{{'0', "./~/h", "", "1"}}, "f~h=1 "},
	    {{{'0', "~/h", "", "1"}}, "dd/~ fd/~/h=1 ", "d"},
	    {{{'0', "a", "", "1"}}, "dp dp/q fp/q/a=1 ", "p/q"},
	    {{{'L', "x", "", LONG_NAME LONG_NAME}, {'0', "short", "", "1"}}, "f" LONG_NAME LONG_NAME "=1 "},
	    {{{'L', "x", "", LONG_NAME "/n"}, {'K', "x", "", LONG_NAME "/t"}, {'2', "s", "s", ""}}, "d" LONG_NAME " l" LONG_NAME "/n=" LONG_NAME "/t "},
	    {{{'x', "x", "", "13 path=p/ax\n16 linkpath=nix\n"}, {'0', "short", "", "1"}}, "dp fp/ax=1 "},
	    {{{'g', "x", "", "19 comment=anything\n"}, {'0', "a", "", "1"}}, "refused: The archive is damaged"},
	    {{{'g', "x", "", "20 comment=anything\n"}, {'0', "a", "", "1"}}, "fa=1 "},
	    {{{'g', "x", "", "9 path=p\n"}, {'0', "a", "", "1"}}, "refused: The archive is damaged"},
	    {{{'x', "x", "", "99 path=p\n"}, {'0', "a", "", "1"}}, "refused: The archive is damaged"},
	    {{{'x', "x", "", "0 path=p\n"}, {'0', "a", "", "1"}}, "refused: The archive is damaged"},
	    {{{'x', "x", "", "22 GNU.sparse.major=1\n"}, {'0', "a", "", "1"}}, "refused: The archive has a file with holes"},
	    {{{'0', "/a", "", "1"}}, "refused: A name of the archive is absolute"},
	    {{{'0', "../a", "", "1"}}, "refused: A name of the archive"},
	    {{{'0', "a/../../b", "", "1"}}, "refused: A name of the archive"},
	    {{{'0', "./../b", "", "1"}}, "refused: A name of the archive"},
	    {{{'0', "~/../b", "", "1"}}, "refused: A name of the archive"},
	    {{{'0', "a//b", "", "1"}}, "refused: A name of the archive"},
	    {{{'0', "..", "", "1"}}, "refused: A name of the archive", "d"},
	    {{{'5', "/", "", ""}}, "refused: A name of the archive"},
	    {{{'0', ".", "", "1"}}, "refused: The archive has a file in the place"},
	    {{{'2', ".", "x", ""}}, "refused: The archive has a file in the place"},
	    {{{'1', "b", "/etc/passwd", ""}}, "refused: A name of the archive"},
	    {{{'1', "b", "d/f", ""}}, "refused: A hard link"}, /* of the session, not of the archive */
	    {{{'1', "b", "b", ""}}, "refused: A hard link"},
	    {{{'1', "b", "", ""}}, "refused: A hard link"},
	    {{{'5', "a", "", ""}, {'1', "b", "a", ""}}, "refused: A hard link"},
	    {{{'2', "s", "", ""}}, "refused: A link of the archive leads nowhere"},
	    {{{'2', "s", "/etc", ""}, {'0', "s/passwd", "", "1"}}, "refused: This is a directory in one"},
	    {{{'0', "s/a", "", "1"}, {'2', "s", "/etc", ""}}, "refused: This is a directory in one"},
	    {{{'0', "l/f", "", "1"}}, "refused: This is a directory in one"},
	    {{{'0', "d", "", "1"}}, "refused: This is a directory in one"},
	    {{{'5', "l", "", ""}}, "refused: This is a directory in one"},
	    {{{'3', "dev", "", ""}}, "refused: The archive has something that is no file"},
	    {{{'6', "fifo", "", ""}}, "refused: The archive has something that is no file"},
	    {{{'S', "sparse", "", ""}}, "refused: The archive has something that is no file"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_buf_finish_ struct buf out;
		char text[1024];
		buf_init(&out, MIB);
		for (const struct blocks *b = rows[i].blocks; b->name; b++)
			put_block(&out, b->type, b->name, b->target, b->content);
		put_end(&out);
		unpack(buf_slice(&out), PACK_WORK, slice_from(rows[i].below), text, sizeof(text));
		if (strncmp(text, rows[i].begin, strlen(rows[i].begin)) != 0)
			fail_msg("row %zu: '%s' is not '%s'", i, text, rows[i].begin);
	}
}

static void what_is_no_whole_archive_is_refused(void **state _unused_)
{
	_buf_finish_ struct buf out;
	char text[512];

	buf_init(&out, MIB);
	put_block(&out, '0', "a", "", "some content");
	put_end(&out);
	for (size_t len = 0; len < out.len; len += 256) {
		unpack((struct slice){out.data, len}, PACK_WORK, (struct slice){0}, text, sizeof(text));
		if (len <= out.len - TAR_END_BYTES)
			assert_string_equal(text, "refused: The archive ends before its end.");
	}
	out.data[3] ^= 1;
	unpack(buf_slice(&out), PACK_WORK, (struct slice){0}, text, sizeof(text));
	assert_memory_equal(text, "refused: The body is not a tar archive", 38);
}

static void numbers_of_other_forms_are_read(void **state _unused_)
{
	static const struct {
		char size[12];
		uint64_t expected; /* UINT64_MAX: refused */
	} rows[] = {
	    {"0000000017", 15}, {"   17 ", 15}, {"", 0}, {"00000000018", UINT64_MAX}, {"-1", UINT64_MAX},
	    {"\x80\0\0\0\0\0\0\0\0\0\1\1", 257}, {"\x80\1\0\0\0\0\0\0\0\0\1\1", UINT64_MAX},
	    {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", UINT64_MAX}, {"\x81\0\0\0\0\0\0\0\0\0\0\1", UINT64_MAX},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tar_header head = block('0', "a", "", "");
		struct slice input = {(const char *)&head, sizeof(head)};
		struct tar_reader reader;
		struct tar_piece piece;
		struct err err;
		memcpy(head.size, rows[i].size, sizeof(head.size));
		seal(&head);
		tar_reader_init(&reader);
		int event = tar_read(&reader, &input, &piece, &err);
		assert_int_equal(event, rows[i].expected == UINT64_MAX ? -ERR_BAD_REQUEST : TAR_ENTRY);
		if (event == TAR_ENTRY)
			assert_int_equal(piece.entry.size, rows[i].expected);
		tar_reader_finish(&reader);
	}
}

static void sums_of_signed_bytes_are_right_as_well(void **state _unused_)
{
	struct tar_header head = block('0', "\xff\xfe", "", "");
	struct slice input = {(const char *)&head, sizeof(head)};
	struct tar_reader reader;
	struct tar_piece piece;
	struct err err;
	int sum = 0;

	memset(head.checksum, ' ', sizeof(head.checksum));
	for (size_t i = 0; i < sizeof(head); i++)
		sum += ((const signed char *)&head)[i];
	snprintf(head.checksum, sizeof(head.checksum), "%06o", (unsigned)sum & 0777777);
	tar_reader_init(&reader);
	assert_int_equal(tar_read(&reader, &input, &piece, &err), TAR_ENTRY);
	tar_reader_finish(&reader);
}

static void so_many_entries_and_no_more(void **state _unused_)
{
	struct arena *arena = arena_create(ARENA_BYTES);
	struct untar untar;
	struct err err;
	char name[16];

	untar_init(&untar, arena, PACK_WORK, (struct slice){0});
	for (unsigned i = 0; i <= PACK_ENTRIES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		const struct tar_entry entry = {.name = slice_from(name), .type = PACK_FILE};
		assert_int_equal(untar_add(&untar, &entry, &err), i < PACK_ENTRIES_MAX ? 0 : -ERR_LIMIT_EXCEEDED);
	}
	untar_finish(&untar);
	arena_destroy(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_in_pieces_of_any_size),
	    cmocka_unit_test(sizes_above_eight_gibibytes_are_told),
	    cmocka_unit_test(archives_become_changes_or_are_refused),
	    cmocka_unit_test(what_is_no_whole_archive_is_refused),
	    cmocka_unit_test(numbers_of_other_forms_are_read),
	    cmocka_unit_test(sums_of_signed_bytes_are_right_as_well),
	    cmocka_unit_test(so_many_entries_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
