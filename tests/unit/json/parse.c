/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser refuses, and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "json/json.h"

struct bad_case {
	struct slice text;
	const char *says; /* part of the sentence */
};
#define BAD(text, says)                                                                            \
	{                                                                                          \
		{text, sizeof(text) - 1}, says                                                     \
	}

static const struct bad_case bad_cases[] = {
    BAD("", "empty"),
    BAD(" ", "at byte"),
    BAD("{", "at byte 1"),
    BAD("{}x", "at byte 2"),
    BAD("{} {}", "at byte 3"),
    BAD("{}\0", "at byte 2"),
    BAD("{,}", "at byte 1"),
    BAD("[1,]", "at byte"),
    BAD("{\"a\":1,}", "at byte"),
    BAD("{\"a\" 1}", "at byte 5"),
    BAD("{a:1}", "at byte 1"),
    BAD("{'a':1}", "at byte 1"),
    BAD("[NaN]", "at byte 1"),
    BAD("[Infinity]", "at byte 1"),
    BAD("[-Infinity]", "at byte"),
    BAD("[1e309]", "at byte 1"),
    BAD("[01]", "at byte"),
    BAD("[+1]", "at byte 1"),
    BAD("[.5]", "at byte 1"),
    BAD("[1.]", "at byte 3"),
    BAD("[0x10]", "at byte"),
    BAD("[tru]", "at byte"),
    BAD("[True]", "at byte 1"),
    BAD("// c\n{}", "at byte 0"),
    BAD("/**/{}", "at byte 0"),
    BAD("\xEF\xBB\xBF{}", "at byte 0"),
    BAD("[\"a\nb\"]", "at byte 3"),
    BAD("[\"a\tb\"]", "at byte 3"),
    BAD("[\"a\0b\"]", "at byte 3"),
    BAD("[\"\x1F\"]", "at byte 2"),
    BAD("[\"\\x41\"]", "at byte"),
    BAD("[\"\\u12G4\"]", "at byte"),
    BAD("[\"\\uD800\"]", "at byte"),
    BAD("[\"\\uD800\\u0041\"]", "at byte"),
    BAD("[\"\\uD800x\"]", "at byte"),
    BAD("[\"\\uDC00\"]", "at byte"),
    BAD("[\"\\uDC00\\uD800\"]", "at byte"),
    BAD("[\"ab\xFF\"]", "at byte 4"),
    BAD("[\"ab\xC0\x80\"]", "at byte 4"),
    BAD("[\"ab\xC3\"]", "at byte 4"),
    BAD("[\"ab\xED\xA0\x80\"]", "at byte 4"),
    BAD("[\"ab\xE0\x80\x80\"]", "at byte 4"),
    BAD("[\"ab\xF0\x80\x80\x80\"]", "at byte 4"),
    BAD("[\"ab\xF4\x90\x80\x80\"]", "at byte 4"),
    BAD("[\"ab\x80\"]", "at byte 4"),
    BAD("[\"ab", "at byte"),
    BAD("[\"ab\\", "at byte"),
    BAD("{\"a\":1,\"a\":2}", "'a' stands twice"),
    BAD("{\"a\":1,\"\\u0061\":2}", "'a' stands twice"),
    BAD("[[{\"x\":{\"k\":1,\"b\":2,\"k\":null}}]]", "'k' stands twice"),
    BAD("{\"\":1,\"\":2}", "'' stands twice"),
    BAD("{\"a\\u0000b\":1,\"a\\u0000b\":2}", "'a?b' stands twice"),
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct yyjson_doc *doc = NULL;
		struct err err = {0};
		int rc = json_parse(&doc, c->text, &err);

		if (rc != -ERR_INVALID_JSON || doc || !strstr(err.text, c->says))
			fail_msg("row %zu %.*s: rc %d, %s", i, (int)c->text.len, c->text.data, rc,
				 err.text);
	}
}

static const struct slice good_cases[] = {
    SLICE_LITERAL("{}"),
    SLICE_LITERAL(" \t\r\n[]\n"),
    SLICE_LITERAL("null"),
    SLICE_LITERAL("\"\\ud83d\\ude00\""),
    SLICE_LITERAL("\"\\u0000\""),
    SLICE_LITERAL("\"a\x7F\""),
    SLICE_LITERAL("{\"a\":{\"a\":1},\"A\":2,\"\":3,\"a\\u0000\":4}"),
    SLICE_LITERAL("[{\"a\":1},{\"a\":1}]"),
    SLICE_LITERAL("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[\""),
    SLICE_LITERAL("1e308"),
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good_cases); i++) {
		struct yyjson_doc *doc;
		struct err err = {0};

		if (json_parse(&doc, good_cases[i], &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		json_free(doc);
		char *copy = malloc(good_cases[i].len + JSON_PADDING_BYTES);
		memcpy(copy, good_cases[i].data, good_cases[i].len);
		assert_int_equal(json_parse_in_place(&doc, copy, good_cases[i].len, &err), 0);
		json_free(doc);
		free(copy);
	}
}

static int parse_nested(size_t depth, char open, struct err *err)
{
	struct yyjson_doc *doc = NULL;
	_buf_finish_ struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < depth; i++)
		buf_append_text(&text, open == '[' ? "[" : "{\"a\":");
	buf_append_text(&text, "1");
	for (size_t i = 0; i < depth; i++)
		buf_append_text(&text, open == '[' ? "]" : "}");
	int rc = json_parse(&doc, buf_slice(&text), err);
	json_free(doc);
	return rc;
}

static void test_depth(void **state)
{
	struct err err;

	(void)state;
	for (const char *open = "[{"; *open; open++) {
		assert_int_equal(parse_nested(JSON_DEPTH_MAX, *open, &err), 0);
		assert_int_equal(parse_nested(JSON_DEPTH_MAX + 1, *open, &err), -ERR_INVALID_JSON);
		assert_true(err.has_limit && err.limit == JSON_DEPTH_MAX);
		assert_int_equal(parse_nested(1000000, *open, &err), -ERR_INVALID_JSON);
	}
}

static int parse_zeros(size_t count)
{
	struct yyjson_doc *doc = NULL;
	_buf_finish_ struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	buf_append_text(&text, "[0");
	for (size_t i = 1; i < count; i++)
		buf_append_text(&text, ",0");
	buf_append_text(&text, "]");
	int rc = json_parse(&doc, buf_slice(&text), NULL);
	json_free(doc);
	return rc;
}

static void test_values(void **state)
{
	(void)state;
	/* the array itself is one, and the count errs by one on the safe side */
	assert_int_equal(parse_zeros(JSON_VALUES_MAX - 1), 0);
	assert_int_equal(parse_zeros(JSON_VALUES_MAX), -ERR_INVALID_JSON);
}

/* Of this process: other work on the machine does not count. */
static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* An object of count keys, all of one length and with one beginning; the last may repeat one. */
static uint64_t parse_keys(size_t count, bool repeat, int want)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};
	_buf_finish_ struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	buf_append_text(&text, "{");
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s\"key%09zu\":0", i ? "," : "", i);
	if (repeat)
		buf_printf(&text, ",\"key%09zu\":0", count / 2);
	buf_append_text(&text, "}");
	uint64_t started = cpu_ns();
	assert_int_equal(json_parse(&doc, buf_slice(&text), &err), want);
	uint64_t took = cpu_ns() - started;
	json_free(doc);
	if (repeat)
		assert_non_null(strstr(err.text, "stands twice"));
	return took;
}

static void test_many_keys(void **state)
{
	(void)state;
	for (size_t count = 1; count < 40; count++) {
		parse_keys(count, false, 0);
		parse_keys(count, true, -ERR_INVALID_JSON);
	}
	uint64_t once = parse_keys(10000, false, 0);
	uint64_t tenfold = parse_keys(100000, false, 0);
	parse_keys(100000, true, -ERR_INVALID_JSON);
	print_message("10,000 keys in %.1f ms, 100,000 in %.1f ms\n", (double)once / 1e6,
		      (double)tenfold / 1e6);
	/* quadratic would be a hundredfold, some seconds */
	assert_true(tenfold < 2 * NS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad),	      cmocka_unit_test(test_good),
	    cmocka_unit_test(test_depth),     cmocka_unit_test(test_values),
	    cmocka_unit_test(test_many_keys),
	};

	return cmocka_run_group_tests_name("json parse", tests, NULL, NULL);
}
