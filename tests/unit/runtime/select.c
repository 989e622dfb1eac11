/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/util.h"
#include "runtime/runtime.h"

static void test_version_compare(void **state)
{
	/* each is higher than the one before */
	static const char *const ordered[] = {
	    "0.9",
	    "1",
	    "1.0",
	    "1.2-rc1",
	    "1.2rc1",
	    "1.2",
	    "1.2.0",
	    "1.2.1",
	    "1.10",
	    "2.0alpha",
	    "2.0beta",
	    "2.0",
	    "3.9.18",
	    "3.11.2",
	    "3.13.5",
	    "20.19.2",
	    "99999999999999999999",
	    "99999999999999999999.1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ordered); i++)
		for (size_t j = 0; j < ARRAY_LEN(ordered); j++) {
			int order = version_compare(ordered[i], ordered[j]);
			if ((order > 0) != (i > j) || (order < 0) != (i < j))
				fail_msg("%s, %s: %d", ordered[i], ordered[j], order);
		}
	assert_int_equal(version_compare("1.02", "1.2"), 0);
	assert_int_equal(version_compare("1..2", "1.2"), 0);
}

static struct runtime_version versions[] = {
    {.version = "3.13.5"},
    {.version = "3.11.2"},
    {.version = "3.9.18"},
    {.version = "2.7.18-13"},
};
static const struct runtime runtime = {.versions = versions, .version_count = ARRAY_LEN(versions)};

static void test_select(void **state)
{
	static const struct {
		const char *selector, *want; /* NULL: valid, but nothing matches; "!": malformed */
	} cases[] = {
	    {"", "3.13.5"},
	    {"*", "3.13.5"},
	    {"3", "3.13.5"},
	    {"3.13", "3.13.5"},
	    {"3.13.5", "3.13.5"},
	    {"3.1", NULL},
	    {"3.9", "3.9.18"},
	    {"2", "2.7.18-13"},
	    {"2.7.18", "2.7.18-13"},
	    {"4", NULL},
	    {"=3.9.18", "3.9.18"},
	    {"==3.9.18", "3.9.18"},
	    {"=3.9", NULL},
	    {">=3.11", "3.13.5"},
	    {">3.13.5", NULL},
	    {"<3.13.5", "3.11.2"},
	    {"<=3.11.2", "3.11.2"},
	    {"<3", "2.7.18-13"},
	    {">=3.9,<3.13", "3.11.2"},
	    {">=3.9 <3.11", "3.9.18"},
	    {">= 3.9, < 3.11", "3.9.18"},
	    {"3 <3.13", "3.11.2"},
	    {" 3.11 ", "3.11.2"},
	    {"* <3.13", "3.11.2"},
	    {"03.13", "3.13.5"},
	    {"3.13.5.0", NULL},
	    {">", "!"},
	    {">=", "!"},
	    {">=,3", "!"},
	    {"^3.11", "!"},
	    {"~3", "!"},
	    {"**", "!"},
	    {"3/13", "!"},
	    {"3;13", "!"},
	    {"-1", "!"},
	    {".3", "!"},
	    {"=>3", "!"},
	    {"3\n", "!"},
	    {"latest!", "!"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *selector = cases[i].selector, *want = cases[i].want;
		bool malformed = want && want[0] == '!', valid = malformed;
		const struct runtime_version *got =
		    runtime_select(&runtime, selector, strlen(selector), &valid);
		const char *version = got ? got->version : "";
		if (valid == malformed || strcmp(version, want && !malformed ? want : "") != 0)
			fail_msg("'%s': '%s', valid %d", selector, version, valid);
	}
}

static void test_select_lengths(void **state)
{
	char longest[200];
	bool valid;

	(void)state;
	memset(longest, '3', sizeof(longest));
	assert_null(runtime_select(&runtime, longest, 128, &valid));
	assert_true(valid);
	assert_null(runtime_select(&runtime, longest, 129, &valid));
	assert_false(valid);
	assert_null(runtime_select(&runtime, "3\0.13", 5, &valid));
	assert_false(valid);
	assert_non_null(runtime_select(&runtime, "3.13garbage", 4, &valid));
	assert_non_null(runtime_select(&runtime, NULL, 0, &valid));
}

static void test_find(void **state)
{
	static char *aliases[] = {"py", "python3"};
	struct runtime runtimes[] = {
	    {.id = "bash"},
	    {.id = "python", .aliases = aliases, .alias_count = ARRAY_LEN(aliases)},
	};
	const struct runtime_table table = {.runtimes = runtimes, .count = ARRAY_LEN(runtimes)};

	(void)state;
	assert_ptr_equal(runtime_find(&table, "python", 6), &runtimes[1]);
	assert_ptr_equal(runtime_find(&table, "PyThOn", 6), &runtimes[1]);
	assert_ptr_equal(runtime_find(&table, "PY", 2), &runtimes[1]);
	assert_null(runtime_find(&table, "python2", 7));
	assert_ptr_equal(runtime_find(&table, "python3x", 7), &runtimes[1]);
	assert_null(runtime_find(&table, "p", 1));
	assert_null(runtime_find(&table, "", 0));
	assert_null(runtime_find(&table, "python\0", 7));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_version_compare),
	    cmocka_unit_test(test_select),
	    cmocka_unit_test(test_select_lengths),
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
