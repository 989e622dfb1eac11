/* SPDX-License-Identifier: Apache-2.0 */
/* What a scanner in a program's place says, and what a program that says the same is worth. */
#include "tests/unit/unit.h"

#include "engine/scanned.h"

static const struct {
	const char *err, *told;   /* told NULL: it is the program's own output */
	const char *list[3];
} rows[] = {
    {"scan_x\nOne\nTwo\n", "Security violations detected\nOne\nTwo\n", {"One", "Two"}},
    {"scan_x\nOne\nno line", "Security violations detected\nOne\n", {"One"}},
    {"scan_x\n", "Security violations detected\n", {NULL}},
    {"scan_x", NULL, {NULL}},
    {"scan_y\nOne\n", NULL, {NULL}},
    {"scan_\nOne\n", NULL, {NULL}},
    {" scan_x\nOne\n", NULL, {NULL}},
    {"a\nscan_x\nOne\n", NULL, {NULL}},
    {"\n", NULL, {NULL}},
    {"", NULL, {NULL}},
};

static void each_row(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct violations violations = {0};
		struct buf err;
		buf_init(&err, 1000);
		assert_int_equal(buf_append_text(&err, rows[i].err), 0);
		assert_int_equal(scanned_read(&violations, &err, "scan_x"), rows[i].told != NULL);
		assert_string_equal(buf_c_str(&err), rows[i].told ? rows[i].told : rows[i].err);
		size_t count = 0;
		for (; rows[i].list[count]; count++)
			assert_true(slice_equal(violations.list[count], slice_from(rows[i].list[count])));
		assert_int_equal(violations.count, count);
		scanned_finish(&violations);
		buf_finish(&err);
	}
}

static void the_limit_of_output_holds(void **state _unused_)
{
	struct violations violations;
	struct buf err;

	buf_init(&err, 12);
	assert_int_equal(buf_append_text(&err, "scan_x\nOne\n"), 0);
	assert_true(scanned_read(&violations, &err, "scan_x"));
	assert_true(err.len <= 12);
	assert_int_equal(violations.count, 1);
	scanned_finish(&violations);
	buf_finish(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row), cmocka_unit_test(the_limit_of_output_holds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
