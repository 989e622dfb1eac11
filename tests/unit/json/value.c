/* SPDX-License-Identifier: Apache-2.0 */
/* Typed getters: what each takes, and the code, field, limit and sentence of what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "json/json.h"

static struct yyjson_doc *parse(const char *text)
{
	struct yyjson_doc *doc;
	struct err err;

	if (json_parse(&doc, slice_from(text), &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return doc;
}

struct number_case {
	const char *text;
	int rc;
	uint64_t number; /* or the limit named in the error */
};

/* Between 10 and 1000. */
static const struct number_case number_cases[] = {
    {"10", 0, 10},
    {"1000", 0, 1000},
    {"30.0", 0, 30},
    {"3e2", 0, 300},
    {"3000e-2", 0, 30},
    {"9", -ERR_INVALID_FIELD, 10},
    {"1001", -ERR_LIMIT_EXCEEDED, 1000},
    {"0", -ERR_INVALID_FIELD, 10},
    {"-0", -ERR_INVALID_FIELD, 10},
    {"-0.0", -ERR_INVALID_FIELD, 10},
    {"-1", -ERR_INVALID_FIELD, 10},
    {"-9223372036854775808", -ERR_INVALID_FIELD, 10},
    {"-1e308", -ERR_INVALID_FIELD, 10},
    {"1.5", -ERR_INVALID_FIELD, 1000},
    {"999.999", -ERR_INVALID_FIELD, 1000},
    {"1e-9", -ERR_INVALID_FIELD, 1000},
    {"1e308", -ERR_LIMIT_EXCEEDED, 1000},
    {"9223372036854775807", -ERR_LIMIT_EXCEEDED, 1000},
    {"9223372036854775808", -ERR_LIMIT_EXCEEDED, 1000},
    {"18446744073709551615", -ERR_LIMIT_EXCEEDED, 1000},
    {"18446744073709551616", -ERR_LIMIT_EXCEEDED, 1000},
    {"18446744073709551626", -ERR_LIMIT_EXCEEDED, 1000},
    {"4294967306", -ERR_LIMIT_EXCEEDED, 1000},
    {"\"5\"", -ERR_INVALID_FIELD, 1000},
    {"\"50\"", -ERR_INVALID_FIELD, 1000},
    {"null", -ERR_INVALID_FIELD, 1000},
    {"true", -ERR_INVALID_FIELD, 1000},
    {"[50]", -ERR_INVALID_FIELD, 1000},
    {"{}", -ERR_INVALID_FIELD, 1000},
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(number_cases); i++) {
		const struct number_case *c = &number_cases[i];
		struct yyjson_doc *doc = parse(c->text);
		struct err err = {0};
		uint64_t number = 77;
		int rc = json_get_u64(json_root(doc), "a.b", 10, 1000, &number, &err);

		if (rc != c->rc || number != (rc ? 77 : c->number) || err.has_limit != (rc != 0) ||
		    (rc && (err.limit != c->number || strcmp(err.field, "a.b") != 0)))
			fail_msg("%s: rc %d number %ju limit %ju '%s'", c->text, rc,
				 (uintmax_t)number, (uintmax_t)err.limit, err.text);
		json_free(doc);
	}
}

static void test_whole_range(void **state)
{
	struct yyjson_doc *zero = parse("0"), *most = parse("18446744073709551615");
	uint64_t number = 1;

	(void)state;
	assert_int_equal(json_get_u64(json_root(zero), "x", 0, UINT64_MAX, &number, NULL), 0);
	assert_true(number == 0);
	assert_int_equal(json_get_u64(json_root(most), "x", 0, UINT64_MAX, &number, NULL), 0);
	assert_true(number == UINT64_MAX);
	json_free(zero);
	json_free(most);
}

struct type_case {
	const char *text;
	bool is_text, is_bool;
	const char *says;
};

static const struct type_case type_cases[] = {
    {"\"x\"", true, false, "a string"},	 {"true", false, true, "a boolean"},
    {"false", false, true, "a boolean"}, {"null", false, false, "null"},
    {"1", false, false, "a number"},	 {"1.5", false, false, "a number"},
    {"[]", false, false, "an array"},	 {"{}", false, false, "an object"},
};

static void test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(type_cases); i++) {
		const struct type_case *c = &type_cases[i];
		struct yyjson_doc *doc = parse(c->text);
		struct err err;
		struct slice text;
		bool flag;
		int rc = json_get_text(json_root(doc), "f", &text, &err);

		assert_int_equal(rc, c->is_text ? 0 : -ERR_INVALID_FIELD);
		assert_int_equal(json_is_text(json_root(doc)), c->is_text);
		if (rc)
			assert_non_null(strstr(err.text, c->says));
		rc = json_get_bool(json_root(doc), "f", &flag, &err);
		assert_int_equal(rc, c->is_bool ? 0 : -ERR_INVALID_FIELD);
		if (rc)
			assert_non_null(strstr(err.text, c->says));
		json_free(doc);
	}
}

static void test_choice(void **state)
{
	static const char *const names[] = {"native", "wasm", "auto"};
	static const struct {
		const char *text;
		int rc;
		unsigned index;
	} rows[] = {{"\"native\"", 0, 0},
		    {"\"auto\"", 0, 2},
		    {"\"Native\"", -ERR_INVALID_FIELD, 9},
		    {"\"\"", -ERR_INVALID_FIELD, 9},
		    {"null", -ERR_INVALID_FIELD, 9},
		    {"\"wasm\\u0000\"", -ERR_INVALID_FIELD, 9}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct yyjson_doc *doc = parse(rows[i].text);
		struct err err = {0};
		unsigned index = 9;

		assert_int_equal(json_get_choice(json_root(doc), "engine", names, 3, &index, &err),
				 rows[i].rc);
		assert_int_equal(index, rows[i].index);
		if (rows[i].rc)
			assert_non_null(strstr(err.text, "must be 'native', 'wasm' or 'auto'"));
		json_free(doc);
	}
}

/* --- objects by a table --- */

struct seen {
	char order[16];
	char paths[256];
};

static int see(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct seen *seen = ctx;
	uint64_t number;
	int rc = json_get_u64(value, path, 0, 9, &number, err);

	if (rc == 0) {
		seen->order[strlen(seen->order)] = (char)('0' + number);
		strcat(strcat(seen->paths, path), " ");
	}
	return rc;
}

static const struct json_field fields[] = {
    {"language", true, see},
    {"wall_time_ms", false, see},
    {"memory_bytes", false, see},
    {"env", false, see},
};

struct object_case {
	const char *text, *path;
	int rc;
	const char *field, *says;
};

static const struct object_case object_cases[] = {
    {"{\"env\":3,\"language\":1}", "", 0, "13", "language env "},
    {"{\"env\":3,\"language\":1}", "a.b", 0, "13", "a.b.language a.b.env "},
    {"{}", "", -ERR_MISSING_FIELD, "language", "'language' is missing"},
    {"{}", "x", -ERR_MISSING_FIELD, "x.language", "'x.language' is missing"},
    {"[]", "", -ERR_INVALID_FIELD, "", "The body must be an object, not an array."},
    {"7", "limits", -ERR_INVALID_FIELD, "limits", "'limits' must be an object, not a number."},
    {"{\"language\":1,\"wallTimeMs\":2}", "", -ERR_UNKNOWN_FIELD, "wallTimeMs",
     "mean 'wall_time_ms'"},
    {"{\"language\":1,\"wall_tme_ms\":2}", "l", -ERR_UNKNOWN_FIELD, "l.wall_tme_ms",
     "mean 'l.wall_time_ms'"},
    {"{\"Language\":1}", "", -ERR_UNKNOWN_FIELD, "Language", "mean 'language'"},
    {"{\"lang\":1}", "", -ERR_UNKNOWN_FIELD, "lang", "mean 'language'"},
    {"{\"memory\":1}", "", -ERR_UNKNOWN_FIELD, "memory", "mean 'memory_bytes'"},
    {"{\"environment\":1}", "", -ERR_UNKNOWN_FIELD, "environment", "mean 'env'"},
    {"{\"zzz\":1}", "", -ERR_UNKNOWN_FIELD, "zzz", "There is no field 'zzz'."},
    {"{\"\":1}", "", -ERR_UNKNOWN_FIELD, "", "There is no field ''."},
    {"{\"env\\u0000\":1}", "", -ERR_UNKNOWN_FIELD, "env?", "There is no field 'env?'"},
    {"{\"language\":1,\"env\":10}", "q", -ERR_LIMIT_EXCEEDED, "q.env", "at most 9"},
};

static void test_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(object_cases); i++) {
		const struct object_case *c = &object_cases[i];
		struct yyjson_doc *doc = parse(c->text);
		struct err err = {0};
		struct seen seen = {0};
		int rc = json_object_read(json_root(doc), c->path, fields, ARRAY_LEN(fields), &seen,
					  &err);

		if (rc != c->rc || strcmp(rc ? err.field : seen.order, c->field) != 0 ||
		    !strstr(rc ? err.text : seen.paths, c->says))
			fail_msg("%s: rc %d field '%s' text '%s'", c->text, rc, err.field,
				 err.text);
		json_free(doc);
	}
}

static int see_entry(struct slice key, struct yyjson_val *value, const char *path, void *ctx,
		     struct err *err)
{
	(void)key;
	return see(value, path, ctx, err);
}

static void test_arrays_and_maps(void **state)
{
	struct yyjson_doc *array = parse("[3,1,2]"), *map = parse("{\"x\":3,\"y.z\":1}");
	struct seen seen = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(json_count(json_root(array)), 3);
	assert_int_equal(json_count(json_root(map)), 2);
	assert_int_equal(json_array_read(json_root(array), "args", 3, see, &seen, &err), 0);
	assert_string_equal(seen.order, "312");
	assert_string_equal(seen.paths, "args[0] args[1] args[2] ");
	assert_int_equal(json_array_read(json_root(array), "args", 2, see, &seen, &err),
			 -ERR_LIMIT_EXCEEDED);
	assert_true(err.limit == 2 && strcmp(err.field, "args") == 0);
	assert_int_equal(json_array_read(json_root(map), "args", 2, see, &seen, &err),
			 -ERR_INVALID_FIELD);

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(json_map_read(json_root(map), "env", 2, see_entry, &seen, &err), 0);
	assert_string_equal(seen.order, "31");
	assert_string_equal(seen.paths, "env.x env.y.z ");
	assert_int_equal(json_map_read(json_root(map), "env", 1, see_entry, &seen, &err),
			 -ERR_LIMIT_EXCEEDED);
	assert_int_equal(json_map_read(json_root(array), "env", 3, see_entry, &seen, &err),
			 -ERR_INVALID_FIELD);
	json_free(array);
	json_free(map);
}

static void test_paths(void **state)
{
	char path[JSON_PATH_BYTES], longest[300];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	json_path_key(path, "files", (struct slice){longest, sizeof(longest)});
	assert_int_equal(strlen(path), JSON_PATH_BYTES - 1);
	json_path_index(path, path, 7);
	assert_int_equal(strlen(path), JSON_PATH_BYTES - 1);
	/* a cut never leaves half a character */
	for (size_t i = 0; i + 3 <= sizeof(longest); i += 3)
		memcpy(longest + i, "\u20AC", 3);
	for (size_t from = 0; from < 3; from++) {
		memset(path, 'x', from);
		path[from] = '\0';
		json_path_key(path, path, (struct slice){longest, sizeof(longest)});
		assert_true(json_utf8_valid(slice_from(path)));
	}
}

struct base64_case {
	const char *text, *data; /* data NULL: refused */
};

static const struct base64_case base64_cases[] = {
    {"", ""},
    {"Zg==", "f"},
    {"Zm8=", "fo"},
    {"Zm9v", "foo"},
    {"Zm9vYg==", "foob"},
    {"Zm9vYmFy", "foobar"},
    {"+//+", "\xFB\xFF\xFE"},
    {"Zg", NULL},
    {"Zg=", NULL},
    {"Zg===", NULL},
    {"Z===", NULL},
    {"====", NULL},
    {"Zh==", NULL},
    {"Zm9=", NULL},
    {"Zm9v\n", NULL},
    {"Zm9 ", NULL},
    {" Zm9v", NULL},
    {"Zm-_", NULL},
    {"Zg==Zg==", NULL},
    {"Zm9vZg=x", NULL},
    {"Z=9v", NULL},
    {"Zm9v!m9v", NULL},
    {"\u00E9\u00E9", NULL},
};

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(base64_cases); i++) {
		const struct base64_case *c = &base64_cases[i];
		struct arena *arena = arena_create(4096);
		struct slice data = {0};
		struct err err = {0};
		int rc = json_base64_decode(arena, slice_from(c->text), "f", &data, &err);

		if (c->data ? rc != 0 || !slice_equal(data, slice_from(c->data))
			    : rc != -ERR_INVALID_FIELD || strcmp(err.field, "f") != 0)
			fail_msg("'%s': rc %d %s", c->text, rc, err.text);
		arena_destroy(arena);
	}
}

static void test_base64_ceiling(void **state)
{
	struct arena *arena = arena_create(8);
	struct slice data;

	(void)state;
	assert_int_equal(
	    json_base64_decode(arena, slice_from("AAAAAAAAAAAAAAAA"), "f", &data, NULL),
	    -ERR_NO_MEMORY);
	arena_destroy(arena);
}

static void test_text_of_any_value(void **state)
{
	static const char *const others[] = {"5", "true", "null", "[]", "[\"python\"]", "{\"a\":1}", "[1,2,3]"};
	struct yyjson_doc *doc = parse("\"text\"");

	(void)state;
	assert_true(slice_equal(json_text(json_root(doc)), slice_from("text")));
	json_free(doc);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		doc = parse(others[i]);
		struct slice text = json_text(json_root(doc));
		if (text.data || text.len)
			fail_msg("%s has a text of %zu bytes", others[i], text.len);
		json_free(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers),	   cmocka_unit_test(test_whole_range),
	    cmocka_unit_test(test_types),	   cmocka_unit_test(test_choice),
	    cmocka_unit_test(test_objects),	   cmocka_unit_test(test_arrays_and_maps),
	    cmocka_unit_test(test_paths),	   cmocka_unit_test(test_base64),
	    cmocka_unit_test(test_base64_ceiling), cmocka_unit_test(test_text_of_any_value),
	};

	return cmocka_run_group_tests_name("json value", tests, NULL, NULL);
}
