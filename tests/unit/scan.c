/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the rules and the scanner. Argument: policy/scan. */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "scan/scan.h"

static const char *shipped;

static void write_in(const char *dir, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_dir(void **state)
{
	*state = strdup("/tmp/scan-XXXXXX");
	return mkdtemp(*state) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", (char *)*state);
	int rc = system(command);
	free(*state);
	return rc;
}

static void what_is_shipped_can_be_read(void **state _unused_)
{
	struct scan scan;
	struct err err;

	if (scan_load(&scan, shipped, &err) < 0)
		fail_msg("%s", err.text);
	const char *text = buf_c_str(&scan.looking);
	assert_ptr_equal(strstr(text, "RULES = [{\"description\":\"Operating system interface\",\"modules\":[\"os\""), text);
	assert_non_null(strstr(text, "\"os.system line execution\",\"calls\":[\"os.system\""));
	assert_non_null(strstr(text, "\nrun(*main(RULES"));
	text = buf_c_str(&scan.passing);
	assert_ptr_equal(strstr(text, "RULES = []\n"), text);
	assert_non_null(strstr(text, "\nrun(*main(RULES"));
	scan_finish(&scan);
}

static void files_are_read_in_the_order_of_their_names(void **state)
{
	struct scan scan;

	write_in(*state, "scan.py", "pass\n");
	write_in(*state, "2.yaml", "rules:\n- description: b\n  writes: [open]\n");
	write_in(*state, "1.yaml", "rules:\n- description: \"a \\\"\\u00e9\"\n  modules: [os, x.y]\n  attributes: [\"*.__a__\"]\n");
	write_in(*state, "0.txt", "nothing");
	assert_int_equal(scan_load(&scan, *state, NULL), 0);
	assert_string_equal(buf_c_str(&scan.looking),
	                    "RULES = [{\"description\":\"a \\\"\xc3\xa9\",\"modules\":[\"os\",\"x.y\"],\"attributes\":[\"*.__a__\"]},"
	                    "{\"description\":\"b\",\"writes\":[\"open\"]}]\npass\n");
	scan_finish(&scan);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *yaml, *scanner, *said;
	} rows[] = {
	    {"rules:\n- description: a\n  modules: [\"os; x\"]\n", "pass\n", "'os; x' is not a name"},
	    {"rules:\n- description: \"a\\nb\"\n  modules: [os]\n", "pass\n", "one line"},
	    {"rules:\n- description: a\n  modules: os\n", "pass\n", "rules.yaml"},
	    {"rules:\n- modules: [os]\n", "pass\n", "description"},
	    {"rules:\n- description: a\n  module: [os]\n", "pass\n", "module"},
	    {"rules: 1\n", "pass\n", "rules"},
	    {"rules:\n- description: a\n  calls: []\n", "pass\n", "calls"},
	    {"rules: []\n", NULL, "scan.py"},
	    {"rules: []\n", "", "scan.py"},
	};
	struct scan scan = {0};
	struct err err;
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(path, sizeof(path), "%s/scan.py", (char *)*state);
		remove(path);
		write_in(*state, "rules.yaml", rows[i].yaml);
		if (rows[i].scanner)
			write_in(*state, "scan.py", rows[i].scanner);
		if (scan_load(&scan, *state, &err) != -ERR_CONFIG || !strstr(err.text, rows[i].said))
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(scan.looking.len, 0);
	}
	assert_int_equal(scan_load(&scan, "/nonexistent", &err), -ERR_CONFIG);
}

static void a_list_has_whole_words(void **state _unused_)
{
	assert_true(scan_lists("a,bc, d", "a"));
	assert_true(scan_lists("a,bc, d", "bc"));
	assert_true(scan_lists("a,bc, d", "d"));
	assert_false(scan_lists("a,bc, d", "b"));
	assert_false(scan_lists("a,bc, d", "c"));
	assert_false(scan_lists("", "a"));
	assert_false(scan_lists("ab", "a"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_shipped_can_be_read),
	    cmocka_unit_test_setup_teardown(files_are_read_in_the_order_of_their_names, make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(what_is_wrong_is_named, make_dir, remove_dir),
	    cmocka_unit_test(a_list_has_whole_words),
	};

	if (argc != 2)
		return 2;
	shipped = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
