/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/hex.h"
#include "base/id.h"
#include "base/list.h"
#include "base/log.h"
#include "base/urls.h"

static void buf_holds_its_ceiling(void **state _unused_)
{
	_buf_finish_ struct buf buf;

	buf_init(&buf, 10);
	assert_int_equal(buf_append(&buf, "0123456789", 10), 0);
	assert_int_equal(buf_append(&buf, "x", 1), -ERR_TOO_LARGE);
	assert_int_equal(buf_printf(&buf, "%d", 7), -ERR_TOO_LARGE);
	assert_int_equal(buf.len, 10);
	assert_string_equal(buf_c_str(&buf), "0123456789");
	buf_consume(&buf, 4);
	assert_string_equal(buf_c_str(&buf), "456789");
	assert_int_equal(buf_printf(&buf, "%s", "abcd"), 0);
	assert_string_equal(buf_c_str(&buf), "456789abcd");
	buf_consume(&buf, 100);
	assert_int_equal(buf.len, 0);
}

static void buf_of_nothing_is_harmless(void **state _unused_)
{
	struct buf buf;

	buf_init(&buf, 0);
	assert_int_equal(buf_append(&buf, NULL, 0), 0);
	assert_int_equal(buf_append(&buf, "x", 1), -ERR_TOO_LARGE);
	buf_finish(&buf);
	buf_finish(&buf);
}

static void arena_holds_its_ceiling_and_keeps_nuls(void **state _unused_)
{
	struct arena *arena = arena_create(64 * 1024);
	char *copy = arena_copy(arena, "a\0b", 3);

	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(arena_printf(arena, "%d-%s", 5, "x"), "5-x");
	char *big = arena_alloc(arena, 20000);
	assert_non_null(big);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(big[i], 0);
	assert_null(arena_alloc(arena, 60000));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(NULL, 1));
	arena_destroy(arena);
}

struct item {
	struct list_node node;
	int number;
};

static void list_survives_removal_while_walked(void **state _unused_)
{
	struct item items[5], *item;
	struct list list;
	int sum = 0;

	list_init(&list);
	for (int i = 0; i < 5; i++) {
		items[i] = (struct item){.number = i};
		list_push_back(&list, &items[i].node);
	}
	list_foreach(&list, item, node) {
		sum += item->number;
		if (item->number % 2)
			list_remove(&list, &item->node);
	}
	assert_int_equal(sum, 10);
	assert_int_equal(list.len, 3);
	assert_false(list_holds(&items[1].node));
	assert_ptr_equal(list_pop_front(&list), &items[0].node);
	assert_ptr_equal(list_first(&list), &items[2].node);
}

static void err_codes_have_a_row_each(void **state _unused_)
{
	struct err err;

	for (int code = 1; code < ERR_COUNT; code++) {
		assert_true(err_status(code) >= 400 && err_status(code) < 600);
		assert_true(err_name(code)[0] != '\0' && err_default_text(-code)[0] != '\0');
	}
	assert_int_equal(err_status(ERR_COUNT + 7), 500);
	assert_int_equal(err_limit(&err, ERR_LIMIT_EXCEEDED, "limits.x", 5, "at most %d", 5), -ERR_LIMIT_EXCEEDED);
	assert_true(err.has_limit && err.limit == 5);
	assert_string_equal(err.field, "limits.x");
	assert_string_equal(err.text, "at most 5");
	assert_int_equal(err_set(NULL, ERR_IO, "%s", ""), -ERR_IO);
}

static void log_values_cannot_break_the_line(void **state _unused_)
{
	char out[32];

	assert_string_equal(log_quote(out, sizeof(out), "a\"b\\\n\x01", 6), "\"a\\\"b\\\\\\x0a\\x01\"");
	log_quote(out, sizeof(out), "0123456789012345678901234567890123456789", 40);
	assert_true(strlen(out) < sizeof(out));
	assert_int_equal(out[strlen(out) - 1], '"');
}

static void ids_are_new_and_ordered_by_time(void **state _unused_)
{
	char a[ID_BYTES], b[ID_BYTES];

	id_make(a, "exe");
	usleep(2000);
	id_make(b, "exe");
	assert_int_equal(strlen(a), 4 + 26);
	assert_true(strncmp(a, b, 14) <= 0);
	assert_string_not_equal(a, b);
}

static void sealed_copies_cannot_be_changed(void **state _unused_)
{
	_close_ int fd = fd_sealed_copy("test", "hello", 5);
	char back[8] = "";

	assert_true(fd >= 0);
	assert_int_equal(fd_read_all(fd, back, sizeof(back)), 5);
	assert_string_equal(back, "hello");
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
}

static void only_what_is_below_listed_urls_is_allowed(void **state _unused_)
{
	static const char list[] = "https://h/simple/, https://files.h/p/";
	static const struct {
		const char *url;
		bool allowed;
	} cases[] = {
	    {"https://h/simple/six/", true},
	    {"https://h/simple/", true},
	    {"https://files.h/p/a/six-1.0-py2.py3-none-any.whl", true},
	    {"https://h/simple/@of%2Fscope", true},
	    {"https://h/simple/a?b=c", true},
	    {"https://h/simple/.hidden/..a/a../b", true},
	    {"https://h/simple/...", false},
	    {"https://h/simple", false},
	    {"https://h/other/", false},
	    {"http://h/simple/six/", false},
	    {"https://h.evil/simple/", false},
	    {"https://h@evil/simple/", false},
	    {"https://files.h/", false},
	    {"https://h/simple/../other/", false},
	    {"https://h/simple/a/..", false},
	    {"https://h/simple/./a", false},
	    {"https://h/simple/%2e%2e/other", false},
	    {"https://h/simple/%2E./other", false},
	    {"https://h/simple/.%2e%2fother", false},
	    {"https://h/simple/a%2F..%2fother", false},
	    {"https://h/simple/..?x", false},
	    {"https://h/simple/..\\other", false},
	    {"https://h/simple/a b", false},
	    {"https://h/simple/a\nHost: x", false},
	    {"https://h/simple/a#b", false},
	    {"https://h/simple/\xc3\xa4", false},
	    {"", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (urls_allow(list, slice_from(cases[i].url)) != cases[i].allowed)
			fail_msg("%s", cases[i].url);
	assert_false(urls_allow("", slice_from("https://h/")));
	assert_true(slice_equal(urls_first(list), slice_from("https://h/simple/")));
	assert_int_equal(urls_first("").len, 0);
}

static void an_origin_is_scheme_host_and_port(void **state _unused_)
{
	static const char *const cases[][2] = {
	    {"https://h/simple/", "https://h/"}, {"http://127.0.0.1:80/", "http://127.0.0.1:80/"},
	    {"https://h", "https://h"}, {"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_true(slice_equal(urls_origin(slice_from(cases[i][0])), slice_from(cases[i][1])));
	assert_true(slice_begins(slice_from("https://h/x"), slice_from("https://h/")));
	assert_false(slice_begins(slice_from("https://h.evil/x"), slice_from("https://h/")));
	assert_false(slice_begins(slice_from("https://h"), slice_from("https://h/")));
}

static void lists_of_urls_are_checked(void **state _unused_)
{
	static const struct {
		const char *list;
		bool good;
	} cases[] = {
	    {"", true},		  {"https://h/", true},	  {"http://127.0.0.1:8080/a/", true}, {"https://h/, https://i/", true},
	    {"https://h", false}, {"ftp://h/", false},	  {"https:///", false},		      {"https://u:p@h/", false},
	    {"h/", false},	  {"https://h/,x", false},
	};
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int rc = urls_check(cases[i].list, "name", &err);
		if ((rc == 0) != cases[i].good || (rc < 0 && strcmp(err.field, "name") != 0))
			fail_msg("%s: %d", cases[i].list, rc);
	}
}

static void hexadecimal_is_read_as_it_is_written(void **state _unused_)
{
	static const uint8_t bytes[] = {0x00, 0x9f, 0xa0, 0xff};
	static const char *const wrong[] = {"", "009fa0f", "009fa0fff", "009fa0fg", "009fa0f ", "009fa0f\x10"};
	uint8_t back[sizeof(bytes)] = {0};
	char text[HEX_BYTES(sizeof(bytes))];

	hex_write(text, bytes, sizeof(bytes));
	assert_string_equal(text, "009fa0ff");
	assert_true(hex_read(back, sizeof(back), slice_from("009FA0fF")));
	assert_memory_equal(back, bytes, sizeof(bytes));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(hex_read(back, sizeof(back), slice_from(wrong[i])));
	assert_memory_equal(back, bytes, sizeof(bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(buf_holds_its_ceiling),
	    cmocka_unit_test(buf_of_nothing_is_harmless),
	    cmocka_unit_test(arena_holds_its_ceiling_and_keeps_nuls),
	    cmocka_unit_test(list_survives_removal_while_walked),
	    cmocka_unit_test(err_codes_have_a_row_each),
	    cmocka_unit_test(log_values_cannot_break_the_line),
	    cmocka_unit_test(ids_are_new_and_ordered_by_time),
	    cmocka_unit_test(sealed_copies_cannot_be_changed),
	    cmocka_unit_test(only_what_is_below_listed_urls_is_allowed),
	    cmocka_unit_test(an_origin_is_scheme_host_and_port),
	    cmocka_unit_test(lists_of_urls_are_checked),
	    cmocka_unit_test(hexadecimal_is_read_as_it_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
