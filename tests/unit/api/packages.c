/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of packages: what a jail has left is checked, and becomes files of runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "api/packages.h"
#include "json/json.h"
#include "world.h"

static void put(struct buf *tree, const char *name, uint32_t name_bytes, const char *data,
		uint32_t data_bytes)
{
	const uint32_t lengths[] = {name_bytes, data_bytes};

	buf_append(tree, lengths, sizeof(lengths));
	buf_append_text(tree, name);
	buf_append_text(tree, data);
}

static int attach(const struct buf *tree, enum package_kind kind, struct job_spec *spec,
		  struct arena *arena)
{
	static struct job_file program = {.name = SLICE_LITERAL("main.py")};
	static struct slice env = SLICE_LITERAL("A=b");

	*spec = (struct job_spec){.files = &program, .file_count = 1, .env = &env, .env_count = 1};
	return packages_attach(spec, arena, kind, buf_slice(tree), NULL);
}

static void a_trees_files_are_behind_the_callers(void **state _unused_)
{
	struct arena *arena = arena_create(MIB);
	_buf_finish_ struct buf tree;
	struct job_spec spec;

	buf_init(&tree, MIB);
	put(&tree, "a/b.py", 6, "text", 4);
	put(&tree, "c.py", 4, "", 0);
	assert_int_equal(attach(&tree, PACKAGES_PYTHON, &spec, arena), 0);
	assert_int_equal(spec.file_count, 3);
	assert_int_equal(spec.entry, 0);
	assert_true(slice_equal(spec.files[0].name, slice_from("main.py")));
	assert_true(slice_equal(spec.files[1].name, slice_from(".packages/a/b.py")));
	assert_true(slice_equal(spec.files[1].data, slice_from("text")));
	assert_true(slice_equal(spec.files[2].name, slice_from(".packages/c.py")));
	assert_int_equal(spec.env_count, 2);
	assert_true(slice_equal(spec.env[0], slice_from("A=b")));
	assert_true(slice_equal(spec.env[1], slice_from("PYTHONPATH=/work/.packages")));
	assert_int_equal(attach(&tree, PACKAGES_NPM, &spec, arena), 0);
	assert_true(slice_equal(spec.files[1].name, slice_from("a/b.py")));
	assert_int_equal(spec.env_count, 1);
	arena_destroy(arena);
}

static void what_is_no_tree_is_refused(void **state _unused_)
{
	static const struct {
		const char *name;
		uint32_t name_bytes;
		const char *data;
		uint32_t data_bytes;
	} cases[] = {
	    {"../a", 4, "", 0},	      {"/a", 2, "", 0},
	    {"a//b", 4, "", 0},	      {"", 0, "", 0},
	    {"a/..", 4, "", 0},	      {"a", 2, "", 0},
	    {"a", 1, "x", 2},	      {"a", 0xffffffff, "", 0},
	    {"a", 1, "", 0xffffffff}, {"a", 0xffffffff, "", 0xffffffff},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_create(MIB);
		_buf_finish_ struct buf tree;
		struct job_spec spec;
		buf_init(&tree, MIB);
		put(&tree, "good", 4, "x", 1);
		put(&tree, cases[i].name, cases[i].name_bytes, cases[i].data, cases[i].data_bytes);
		assert_int_equal(attach(&tree, PACKAGES_PYTHON, &spec, arena), -ERR_STORE);
		assert_int_equal(spec.file_count, 1);
		arena_destroy(arena);
	}
}

static void a_tree_of_too_many_files_is_refused(void **state _unused_)
{
	struct arena *arena = arena_create(16 * MIB);
	_buf_finish_ struct buf tree;
	struct job_spec spec;
	char name[16];

	buf_init(&tree, MIB);
	for (int i = 0; i < PACKAGES_FILES_MAX; i++)
		put(&tree, name, (uint32_t)snprintf(name, sizeof(name), "%d", i), "", 0);
	assert_int_equal(attach(&tree, PACKAGES_NPM, &spec, arena), 0);
	put(&tree, "more", 4, "", 0);
	assert_int_equal(attach(&tree, PACKAGES_NPM, &spec, arena), -ERR_STORE);
	arena_destroy(arena);
}

static void an_answer_is_what_is_needed_or_why_not(void **state _unused_)
{
	static const struct {
		const char *text;
		enum run_status status;
		bool needs;
		const char *why; /* NULL: it is taken */
	} cases[] = {
	    {"{\"need\":[[\"http://h/\",\"*/*\"]]}", RUN_STATUS_OK, true, NULL},
	    {"{\"done\":true}", RUN_STATUS_OK, false, NULL},
	    {"{\"error\":\"There is no x.\"}", RUN_STATUS_OK, false, "There is no x."},
	    {"{\"done\":true}", RUN_STATUS_MEMORY_LIMIT, false, "limits"},
	    {"{", RUN_STATUS_OK, false, "limits"},
	    {"", RUN_STATUS_OK, false, "limits"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct collected_file file = {.name = SLICE_LITERAL(PACKAGES_ANSWER),
					      .data = slice_from(cases[i].text)};
		struct job_result result = {.status = cases[i].status,
					    .artifacts = {.files = &file, .count = 1}};
		struct packages_answer answer = {0};
		struct err err = {0};
		int rc = packages_read_answer(&answer, &result, &err);
		if ((rc == 0) != !cases[i].why || (rc < 0 && !strstr(err.text, cases[i].why)) ||
		    (rc == 0 && !!answer.need != cases[i].needs))
			fail_msg("%s: %d %s", cases[i].text, rc, err.text);
		json_free(answer.doc);
	}
}

static void a_need_is_two_plain_lines(void **state _unused_)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
	    {"[\"http://h/\",\"*/*\"]", true},
	    {"[\"a\\nb\",\"*/*\"]", false},
	    {"[\"a\",\"b\\r\"]", false},
	    {"[\"\",\"b\"]", false},
	    {"[\"a\"]", false},
	    {"[[\"a\"],\"b\"]", false},
	    {"\"ab\"", false},
	    {"[\"\\u00e4\",\"b\"]", false},
	    {"[\"a\\u0000\",\"b\"]", false},
	};
	struct slice url, accept;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct yyjson_doc *doc;
		assert_int_equal(json_parse(&doc, slice_from(cases[i].text), NULL), 0);
		if (packages_read_need(json_root(doc), &url, &accept) != cases[i].good)
			fail_msg("%s", cases[i].text);
		json_free(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_trees_files_are_behind_the_callers),
	    cmocka_unit_test(what_is_no_tree_is_refused),
	    cmocka_unit_test(a_tree_of_too_many_files_is_refused),
	    cmocka_unit_test(an_answer_is_what_is_needed_or_why_not),
	    cmocka_unit_test(a_need_is_two_plain_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
