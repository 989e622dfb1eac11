/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of files, what changes make of them, their packs and indexes. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fd.h"
#include "session/found.h"
#include "session/index.h"
#include "session/packer.h"

/* "d path", "f path content", "l path target", "- path" as changes. */
static size_t read_changes(const char *const *lines, struct session_change *out)
{
	static const char kinds[] = {'f', 'd', 'l', '-'};
	size_t count = 0;

	for (; lines[count]; count++) {
		const char *path = lines[count] + 2, *end = strchr(path, ' ');
		struct session_change *change = &out[count];
		*change = (struct session_change){.item = {.path = {path, end ? (size_t)(end - path) : strlen(path)}}};
		change->item.type = (uint8_t)((const char *)memchr(kinds, lines[count][0], 4) - kinds);
		if (change->item.type == PACK_FILE) {
			change->data = end ? end + 1 : "";
			change->item.size = strlen(change->data);
		} else if (change->item.type == PACK_LINK) {
			change->item.target = slice_from(end + 1);
		}
	}
	tree_sort(out, count);
	return count;
}

static void assert_tree(const struct session_tree *tree, const char *expected)
{
	char text[1024] = "";

	for (size_t i = 0; i < tree->count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%c%.*s ", "fdl-"[tree->items[i].type],
			 (int)tree->items[i].path.len, tree->items[i].path.data);
	assert_string_equal(text, expected);
}

static void changes_make_a_tree(void **state _unused_)
{
	static const struct {
		const char *changes[6], *expected; /* NULL: refused */
	} rows[] = {
	    {{NULL}, "da fa-b fa/x "},
	    {{"- a", NULL}, "fa-b "},
	    {{"f a 1", NULL}, "fa fa-b "},
	    {{"l a x", NULL}, "la fa-b "},
	    {{"d a", "f a/y 1", NULL}, "da fa-b fa/x fa/y "},
	    {{"- a/x", "d a-b", NULL}, "da da-b "},
	    {{"f c/d 1", NULL}, NULL},
	    {{"f a 1", "f a/z 1", NULL}, NULL},
	    {{"d c", "d c/d", "f c/d/e 1", "- a", "- a-b", NULL}, "dc dc/d fc/d/e "},
	};
	static const char *const begin[] = {"d a", "f a/x 1", "f a-b 2", NULL};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct session_tree *empty = tree_create(), *tree = NULL, *after = NULL;
		struct session_change changes[8];
		size_t count = read_changes(begin, changes);
		assert_int_equal(tree_change(&tree, empty, changes, count, 0), 0);
		count = read_changes(rows[i].changes, changes);
		int rc = tree_change(&after, tree, changes, count, 0);
		assert_int_equal(rc, rows[i].expected ? 0 : -ERR_PROTOCOL);
		if (rc == 0)
			assert_tree(after, rows[i].expected);
		tree_unref(after);
		tree_unref(tree);
		tree_unref(empty);
	}
}

struct kept {
	struct session_tree *tree;
	struct session_list list;
	int fds[PACKS_MAX];
};

static void keep(struct kept *kept, const char *const *lines)
{
	int fd = memfd_create("pack", MFD_CLOEXEC), fds[PACKS_MAX];
	struct session_change changes[8];
	size_t count = read_changes(lines, changes);
	struct packer packer;
	unsigned at = 0;
	int rc;

	assert_int_equal(packer_init(&packer, fd), 0);
	assert_int_equal(packer_plan(&packer, kept->tree, &kept->list, kept->fds, changes, count), 0);
	while ((rc = packer_step(&packer)) == 0)
		;
	assert_int_equal(rc, 1);
	for (unsigned i = 0; i < kept->list.pack_count; i++)
		if (packer.keeps[i])
			fds[at++] = kept->fds[i];
		else
			fd_close(kept->fds[i]);
	fds[at++] = fd;
	memcpy(kept->fds, fds, at * sizeof(fds[0]));
	kept->list = packer.list;
	assert_int_equal(kept->list.pack_count, at);
	tree_unref(kept->tree);
	kept->tree = tree_ref(packer.tree);
	packer_finish(&packer);
}

static void assert_content(const struct kept *kept, const char *path, const char *content)
{
	const struct pack_item *item = tree_find(kept->tree, PACK_WORK, slice_from(path));
	char text[64] = "";

	assert_non_null(item);
	assert_int_equal(pread(kept->fds[item->pack], text, item->size, (off_t)item->offset), (ssize_t)item->size);
	assert_string_equal(text, content);
	assert_int_equal(item->check, check_of(content, strlen(content)));
}

static void packs_have_what_was_kept_and_stay_few(void **state _unused_)
{
	struct kept kept = {.tree = tree_create()};
	char line[32];

	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof(line), "f n%d %d", i % 7, i);
		const char *lines[] = {line, NULL};
		keep(&kept, lines);
		assert_in_range(kept.list.pack_count, 1, PACKS_MAX);
		struct session_tree *again = NULL;
		uint64_t sizes[PACKS_MAX];
		for (unsigned k = 0; k < kept.list.pack_count; k++)
			sizes[k] = kept.list.packs[k].bytes;
		assert_int_equal(index_read(&again, kept.fds[kept.list.pack_count - 1], sizes, kept.list.pack_count), 0);
		assert_int_equal(again->count, kept.tree->count);
		assert_int_equal(again->bytes, kept.tree->bytes);
		tree_unref(again);
	}
	assert_content(&kept, "n4", "39");
	assert_content(&kept, "n5", "33");
	for (unsigned i = 0; i < kept.list.pack_count; i++)
		fd_close(kept.fds[i]);
	tree_unref(kept.tree);
}

static void a_list_is_read_as_it_was_written(void **state _unused_)
{
	struct slice env[] = {SLICE_LITERAL("A=1"), SLICE_LITERAL("B=")};
	struct session_list list = {.pack_count = 2, .env = env, .env_count = 2}, again = {0};
	_buf_finish_ struct buf out;

	buf_init(&out, MIB);
	list.packs[1].bytes = 7;
	assert_int_equal(list_write(&out, &list), 0);
	for (size_t len = 0; len < out.len; len++)
		assert_int_equal(list_read(&again, (struct slice){out.data, len}), -ERR_PROTOCOL);
	assert_int_equal(list_read(&again, buf_slice(&out)), 0);
	assert_int_equal(again.packs[1].bytes, 7);
	assert_true(again.env_count == 2 && slice_equal(again.env[0], env[0]) && slice_equal(again.env[1], env[1]));
	free(again.env);
}

static void paths_are_checked(void **state _unused_)
{
	static const struct {
		struct slice path;
		bool good;
	} rows[] = {
	    {SLICE_LITERAL("a"), true},      {SLICE_LITERAL("a/b\n\xff"), true}, {SLICE_LITERAL("..."), true},
	    {SLICE_LITERAL(""), false},      {SLICE_LITERAL("/a"), false},       {SLICE_LITERAL("a/"), false},
	    {SLICE_LITERAL("a//b"), false},  {SLICE_LITERAL("."), false},        {SLICE_LITERAL("a/../b"), false},
	    {SLICE_LITERAL("a\0b"), false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(tree_path_is_good(rows[i].path), rows[i].good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(changes_make_a_tree),
	    cmocka_unit_test(packs_have_what_was_kept_and_stay_few),
	    cmocka_unit_test(a_list_is_read_as_it_was_written),
	    cmocka_unit_test(paths_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
