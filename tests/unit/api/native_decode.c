/* SPDX-License-Identifier: Apache-2.0 */
/* What the native dialect makes of requests, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "json/json.h"
#include "world.h"

#define ARENA_BYTES (256 * MIB)

/* One decoding: freed by the next one. */
static struct arena *arena;
static struct job_spec spec;
static struct err err;

static int decode_as(const struct key_limits *key, struct slice body)
{
	struct api_context api = {.config = &world_config, .runtimes = &world_runtimes, .key = key};

	arena_destroy(arena);
	arena = arena_create(ARENA_BYTES);
	memset(&spec, 0x55, sizeof(spec));
	memset(&err, 0, sizeof(err));
	return world_decode(&dialect_native, &api, body, arena, &spec, &err);
}

static int decode(const char *body)
{
	return decode_as(NULL, slice_from(body));
}

static int teardown(void **state)
{
	(void)state;
	arena_destroy(arena);
	arena = NULL;
	return 0;
}

static void must(const char *body)
{
	if (decode(body) != 0)
		fail_msg("%.300s\n  %s: %s", body, err.field, err.text);
}

static bool is_text(struct slice slice, const char *text)
{
	return slice_equal(slice, slice_from(text));
}

/* --- bad requests --- */

struct bad_case {
	const char *body;
	enum err_code code;
	const char *field;
	int64_t limit; /* -1: none */
	const char *says;
};

/* A request that is right but for one field. */
#define WITH(field)	 "{\"language\":\"python\",\"code\":\"1\"," field "}"
#define FILES(files)	 "{\"language\":\"python\",\"files\":" files "}"
#define FILE_NAMED(name) FILES("[{\"name\":\"" name "\",\"content\":\"\"}]")
#define TEN(x)		 x x x x x x x x x x
#define LETTERS_256	 TEN(TEN("ab")) TEN("abcde") "abcdef"

static const struct bad_case bad_cases[] = {
    /* the body */
    {"", ERR_INVALID_JSON, "", -1, "empty"},
    {"{", ERR_INVALID_JSON, "", -1, "at byte 1"},
    {"[]", ERR_INVALID_FIELD, "", -1, "The body must be an object, not an array."},
    {"null", ERR_INVALID_FIELD, "", -1, "The body must be an object, not null."},
    {"\"x\"", ERR_INVALID_FIELD, "", -1, "not a string"},
    {"{\"language\":\"python\",\"code\":\"1\"} x", ERR_INVALID_JSON, "", -1, "at byte 33"},
    {"{\"language\":\"c\",\"language\":\"python\",\"code\":\"\"}", ERR_INVALID_JSON, "language", -1,
     "twice"},
    {WITH("\"limits\":{\"wall_time_ms\":NaN}"), ERR_INVALID_JSON, "", -1, "at byte"},
    {WITH("\"limits\":{\"wall_time_ms\":Infinity}"), ERR_INVALID_JSON, "", -1, "at byte"},
    {WITH("\"limits\":{\"wall_time_ms\":1e999}"), ERR_INVALID_JSON, "", -1, "at byte"},

    /* language, version, engine */
    {"{}", ERR_MISSING_FIELD, "language", -1, "'language' is missing"},
    {"{\"code\":\"1\"}", ERR_MISSING_FIELD, "language", -1, "'language' is missing"},
    {"{\"language\":null,\"code\":\"\"}", ERR_INVALID_FIELD, "language", -1, "not null"},
    {"{\"language\":7,\"code\":\"\"}", ERR_INVALID_FIELD, "language", -1, "not a number"},
    {"{\"language\":\"\",\"code\":\"\"}", ERR_UNKNOWN_LANGUAGE, "language", -1,
     "c, javascript, python"},
    {"{\"language\":\"cobol\",\"code\":\"\"}", ERR_UNKNOWN_LANGUAGE, "language", -1, "'cobol'"},
    {"{\"language\":\"c\\u0000\",\"code\":\"\"}", ERR_UNKNOWN_LANGUAGE, "language", -1, "'c?'"},
    {"{\"language\":\"python \",\"code\":\"\"}", ERR_UNKNOWN_LANGUAGE, "language", -1, "'python '"},
    {"{\"language\":\"node\",\"code\":\"\"}", ERR_UNKNOWN_VERSION, "version", -1,
     "there are: none"},
    {WITH("\"version\":\"4\""), ERR_UNKNOWN_VERSION, "version", -1, "3.13.5, 3.11.2"},
    {WITH("\"version\":\">3.13.5\""), ERR_UNKNOWN_VERSION, "version", -1, "Python"},
    {WITH("\"version\":\"latest!\""), ERR_INVALID_FIELD, "version", -1, "'latest!' is no version"},
    {WITH("\"version\":3.13"), ERR_INVALID_FIELD, "version", -1, "not a number"},
    {WITH("\"version\":null"), ERR_INVALID_FIELD, "version", -1, "not null"},
    {WITH("\"flags\":[\"-O2\"]"), ERR_INVALID_FIELD, "flags[0]", -1, "it takes: none."},
    {WITH("\"flags\":\"-O2\""), ERR_INVALID_FIELD, "flags", -1, "array"},
    {"{\"language\":\"c\",\"code\":\"\",\"flags\":[\"-Wall\",\"-o\"]}", ERR_INVALID_FIELD,
     "flags[1]", -1, "C (GCC) does not take the flag '-o'; it takes: -O2, -Wall, -std={c99,c11}."},
    {WITH("\"engine\":\"wasm\""), ERR_UNSUPPORTED_ENGINE, "engine", -1, "'wasm'"},
    {WITH("\"engine\":\"docker\""), ERR_INVALID_FIELD, "engine", -1, "'native', 'wasm' or 'auto'"},
    {WITH("\"engine\":null"), ERR_INVALID_FIELD, "engine", -1, "not null"},
    {WITH("\"engine\":\"NATIVE\""), ERR_INVALID_FIELD, "engine", -1, "'native'"},
    {WITH("\"output_encoding\":\"hex\""), ERR_INVALID_FIELD, "output_encoding", -1,
     "'text' or 'base64'"},
    {WITH("\"output_encoding\":true"), ERR_INVALID_FIELD, "output_encoding", -1, "not a boolean"},

    /* unknown fields */
    {WITH("\"Version\":\"3\""), ERR_UNKNOWN_FIELD, "Version", -1, "mean 'version'"},
    {WITH("\"timeout\":5"), ERR_UNKNOWN_FIELD, "timeout", -1, "mean 'limits.wall_time_ms'"},
    {WITH("\"wall_time_ms\":5"), ERR_UNKNOWN_FIELD, "wall_time_ms", -1,
     "mean 'limits.wall_time_ms'"},
    {WITH("\"memory_limit\":5"), ERR_UNKNOWN_FIELD, "memory_limit", -1,
     "mean 'limits.memory_bytes'"},
    {WITH("\"environment\":{}"), ERR_UNKNOWN_FIELD, "environment", -1, "mean 'env'"},
    {WITH("\"argv\":[]"), ERR_UNKNOWN_FIELD, "argv", -1, "mean 'args'"},
    {WITH("\"limit\":{}"), ERR_UNKNOWN_FIELD, "limit", -1, "mean 'limits'"},
    {WITH("\"xyzzy\":1"), ERR_UNKNOWN_FIELD, "xyzzy", -1, "no field 'xyzzy'."},
    {WITH("\"limits\":{\"wall_time\":1}"), ERR_UNKNOWN_FIELD, "limits.wall_time", -1,
     "'limits.wall_time_ms'"},
    {WITH("\"limits\":{\"memoryBytes\":1}"), ERR_UNKNOWN_FIELD, "limits.memoryBytes", -1,
     "'limits.memory_bytes'"},
    {WITH("\"limits\":{\"timeout\":1}"), ERR_UNKNOWN_FIELD, "limits.timeout", -1, "no field"},
    {FILES("[{\"name\":\"a.py\",\"contents\":\"\"}]"), ERR_UNKNOWN_FIELD, "files[0].contents", -1,
     "mean 'files[0].content'"},

    /* limits as such */
    {WITH("\"limits\":null"), ERR_INVALID_FIELD, "limits", -1, "not null"},
    {WITH("\"limits\":[]"), ERR_INVALID_FIELD, "limits", -1, "not an array"},
    {WITH("\"limits\":30"), ERR_INVALID_FIELD, "limits", -1, "not a number"},
    {WITH("\"limits\":{\"processes\":1}"), ERR_INVALID_FIELD, "limits.processes", 2, "at least 2"},
    {WITH("\"limits\":{\"memory_bytes\":16777215}"), ERR_INVALID_FIELD, "limits.memory_bytes",
     16777216, "at least"},

    /* code or files */
    {"{\"language\":\"c\"}", ERR_MISSING_FIELD, "code", -1, "'code' or as 'files'"},
    {"{\"language\":\"c\",\"code\":null}", ERR_INVALID_FIELD, "code", -1, "not null"},
    {"{\"language\":\"c\",\"code\":[\"1\"]}", ERR_INVALID_FIELD, "code", -1, "not an array"},
    {WITH("\"files\":[{\"name\":\"a.py\",\"content\":\"\"}]"), ERR_INVALID_FIELD, "files", -1,
     "not both"},
    {WITH("\"files\":[]"), ERR_INVALID_FIELD, "files", -1, "not both"},
    {FILES("[]"), ERR_INVALID_FIELD, "files", -1, "at least one"},
    {FILES("{}"), ERR_INVALID_FIELD, "files", -1, "at least one"},
    {FILES("null"), ERR_INVALID_FIELD, "files", -1, "not null"},
    {FILES("\"x\""), ERR_INVALID_FIELD, "files", -1, "not a string"},
    {FILES("[\"x\"]"), ERR_INVALID_FIELD, "files[0]", -1, "not a string"},
    {FILES("[{\"name\":\"a.py\"}]"), ERR_MISSING_FIELD, "files[0].content", -1, "is missing"},
    {FILES("[{\"content\":\"\"}]"), ERR_MISSING_FIELD, "files[0].name", -1, "is missing"},
    {FILES("[{\"name\":null,\"content\":\"\"}]"), ERR_INVALID_FIELD, "files[0].name", -1,
     "not null"},
    {FILES("[{\"name\":\"a.py\",\"content\":7}]"), ERR_INVALID_FIELD, "files[0].content", -1,
     "not a number"},
    {FILES("[{\"name\":\"a.py\",\"content\":\"\",\"encoding\":\"hex\"}]"), ERR_INVALID_FIELD,
     "files[0].encoding", -1, "'utf8' or 'base64'"},
    {FILES("[{\"name\":\"a.py\",\"content\":\"a\",\"encoding\":\"base64\"}]"), ERR_INVALID_FIELD,
     "files[0].content", -1, "not base64"},
    {FILES("{\"a.py\":7}"), ERR_INVALID_FIELD, "files.a.py", -1, "not a number"},
    {FILES("{\"a.py\":{\"content\":\"!!!!\",\"encoding\":\"base64\"}}"), ERR_INVALID_FIELD,
     "files.a.py.content", -1, "not base64"},
    {FILES("{\"a.py\":{\"content\":\"\",\"name\":\"b\"}}"), ERR_UNKNOWN_FIELD, "files.a.py.name",
     -1, "no field"},
    {FILES("{\"a.py\":\"\",\"a.py\":\"\"}"), ERR_INVALID_JSON, "a.py", -1, "twice"},

    /* names */
    {FILE_NAMED(""), ERR_INVALID_FIELD, "files[0].name", -1, "is empty"},
    {FILE_NAMED("/etc/passwd"), ERR_INVALID_FIELD, "files[0].name", -1, "absolute"},
    {FILE_NAMED("../a"), ERR_INVALID_FIELD, "files[0].name", -1, "'..'"},
    {FILE_NAMED("a/../../x"), ERR_INVALID_FIELD, "files[0].name", -1, "'..'"},
    {FILE_NAMED("a/.."), ERR_INVALID_FIELD, "files[0].name", -1, "'..'"},
    {FILE_NAMED("."), ERR_INVALID_FIELD, "files[0].name", -1, "'.'"},
    {FILE_NAMED("./a"), ERR_INVALID_FIELD, "files[0].name", -1, "'.'"},
    {FILE_NAMED("a/./b"), ERR_INVALID_FIELD, "files[0].name", -1, "'.'"},
    {FILE_NAMED("a//b"), ERR_INVALID_FIELD, "files[0].name", -1, "empty component"},
    {FILE_NAMED("a/"), ERR_INVALID_FIELD, "files[0].name", -1, "empty component"},
    {FILE_NAMED("a\\u0000.py"), ERR_INVALID_FIELD, "files[0].name", -1, "NUL"},
    {FILE_NAMED(LETTERS_256), ERR_INVALID_FIELD, "files[0].name", -1, "255"},
    {FILE_NAMED("a/" LETTERS_256 "/b"), ERR_INVALID_FIELD, "files[0].name", -1, "255"},
    {FILES("{\"../a\":\"\"}"), ERR_INVALID_FIELD, "files.../a", -1, "'..'"},
    {FILES("[{\"name\":\"a.py\",\"content\":\"\"},{\"name\":\"a.py\",\"content\":\"\"}]"),
     ERR_INVALID_FIELD, "files[1].name", -1, "used before"},
    {FILES("[{\"name\":\"a/b\",\"content\":\"\"},{\"name\":\"a.b\",\"content\":\"\"},"
	   "{\"name\":\"a\",\"content\":\"\"}]"),
     ERR_INVALID_FIELD, "files[2].name", -1, "directory"},
    {FILES("{\"a\":\"\",\"a-\":\"\",\"a/b/c\":\"\"}"), ERR_INVALID_FIELD, "files.a/b/c", -1,
     "directory"},
    {"{\"language\":\"c\",\"files\":{\"main.c\":\"\",\"main\":\"\"}}", ERR_INVALID_FIELD,
     "files.main", -1, "compiled program"},
    {"{\"language\":\"c\",\"files\":{\"main.c\":\"\",\"main/x\":\"\"}}", ERR_INVALID_FIELD,
     "files.main/x", -1, "compiled program"},
    {"{\"language\":\"c\",\"files\":{\"main.cpp\":\"\"}}", ERR_INVALID_FIELD, "files.main.cpp", -1,
     "must end in '.c'"},
    {"{\"language\":\"c\",\"code\":\"\",\"entrypoint\":\"x\"}", ERR_INVALID_FIELD, "entrypoint", -1,
     "must end in '.c'"},
    {"{\"language\":\"c\",\"code\":\"\",\"entrypoint\":\"main\"}", ERR_INVALID_FIELD, "entrypoint",
     -1, "compiled program"},

    /* entrypoint */
    {FILES("{\"x.txt\":\"\",\"y.txt\":\"\"}"), ERR_MISSING_FIELD, "entrypoint", -1, "'main.py'"},
    {"{\"language\":\"python\",\"files\":{\"a.py\":\"\"},\"entrypoint\":\"b.py\"}",
     ERR_INVALID_FIELD, "entrypoint", -1, "'b.py' is not among"},
    {"{\"language\":\"python\",\"files\":{\"a.py\":\"\"},\"entrypoint\":\"../a.py\"}",
     ERR_INVALID_FIELD, "entrypoint", -1, "'..'"},
    {WITH("\"entrypoint\":\"\""), ERR_INVALID_FIELD, "entrypoint", -1, "is empty"},
    {WITH("\"entrypoint\":null"), ERR_INVALID_FIELD, "entrypoint", -1, "not null"},
    {WITH("\"entrypoint\":\"/x.py\""), ERR_INVALID_FIELD, "entrypoint", -1, "absolute"},

    /* args, env, stdin */
    {WITH("\"args\":null"), ERR_INVALID_FIELD, "args", -1, "not null"},
    {WITH("\"args\":\"a b\""), ERR_INVALID_FIELD, "args", -1, "not a string"},
    {WITH("\"args\":[\"a\",2]"), ERR_INVALID_FIELD, "args[1]", -1, "not a number"},
    {WITH("\"args\":[\"a\",\"b\",\"c\\u0000\"]"), ERR_INVALID_FIELD, "args[2]", -1, "NUL"},
    {WITH("\"env\":null"), ERR_INVALID_FIELD, "env", -1, "not null"},
    {WITH("\"env\":[\"A=b\"]"), ERR_INVALID_FIELD, "env", -1, "not an array"},
    {WITH("\"env\":{\"A\":1}"), ERR_INVALID_FIELD, "env.A", -1, "not a number"},
    {WITH("\"env\":{\"A\":null}"), ERR_INVALID_FIELD, "env.A", -1, "not null"},
    {WITH("\"env\":{\"\":\"x\"}"), ERR_INVALID_FIELD, "env.", -1, "is empty"},
    {WITH("\"env\":{\"A=B\":\"x\"}"), ERR_INVALID_FIELD, "env.A=B", -1, "has a '='"},
    {WITH("\"env\":{\"A\\u0000B\":\"x\"}"), ERR_INVALID_FIELD, "env.A?B", -1, "NUL"},
    {WITH("\"env\":{\"A\":\"x\\u0000\"}"), ERR_INVALID_FIELD, "env.A", -1, "NUL"},
    {WITH("\"stdin\":null"), ERR_INVALID_FIELD, "stdin", -1, "not null"},
    {WITH("\"stdin\":5"), ERR_INVALID_FIELD, "stdin", -1, "not a number"},
    {WITH("\"stdin\":{}"), ERR_MISSING_FIELD, "stdin.content", -1, "is missing"},
    {WITH("\"stdin\":{\"content\":\"a\",\"encoding\":\"base64\"}"), ERR_INVALID_FIELD,
     "stdin.content", -1, "not base64"},
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		int rc = decode(c->body);

		if (rc != -(int)c->code || err.code != (int)c->code ||
		    strcmp(err.field, c->field) != 0 || err.has_limit != (c->limit >= 0) ||
		    (c->limit >= 0 && err.limit != (uint64_t)c->limit) ||
		    !strstr(err.text, c->says) || spec.file_count != (size_t)0x5555555555555555)
			fail_msg("%.200s\n  got %s, field '%s', limit %d %ju: %s", c->body,
				 err_name(rc), err.field, err.has_limit, (uintmax_t)err.limit,
				 err.text);
		assert_int_equal(err_status(rc), 400);
		assert_true(err.text[strlen(err.text) - 1] == '.' ||
			    err.text[strlen(err.text) - 1] == '?');
		/* without anybody to tell, the same verdict */
		struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
		assert_int_equal(
		    world_decode(&dialect_native, &api, slice_from(c->body), arena, &spec, NULL), rc);
	}
}

/* --- limits --- */

struct limit_case {
	const char *name;
	size_t in_job;
	uint64_t least, preset, most;
};

#define LIMIT(name, least, preset, most)                                                           \
	{                                                                                          \
#name, offsetof(struct job_limits, name), least, preset, most                      \
	}

/* For python, whose least memory and processes are its own. */
static const struct limit_case limit_cases[] = {
    LIMIT(wall_time_ms, 1, 30000, 300000),
    LIMIT(cpu_time_ms, 1, 30000, 300000),
    LIMIT(compile_time_ms, 1, 60000, 300000),
    LIMIT(memory_bytes, 16777216, 536870912, 2147483648),
    LIMIT(disk_bytes, 65536, 104857600, 1073741824),
    LIMIT(processes, 2, 64, 512),
    LIMIT(open_files, 8, 256, 4096),
    LIMIT(output_bytes, 1, 10485760, 20971520),
    LIMIT(cpu_milli, 10, 1000, 2000),
};

static uint64_t limit_of(const struct limit_case *c)
{
	return *(uint64_t *)((char *)&spec.limits + c->in_job);
}

static int decode_limit(const struct key_limits *key, const char *name, const char *value)
{
	char body[256];

	snprintf(body, sizeof(body), WITH("\"limits\":{\"%s\":%s}"), name, value);
	return decode_as(key, slice_from(body));
}

static int decode_limit_number(const struct key_limits *key, const char *name, uint64_t number)
{
	char value[24];

	snprintf(value, sizeof(value), "%ju", (uintmax_t)number);
	return decode_limit(key, name, value);
}

static void test_limits_at_their_borders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limit_cases); i++) {
		const struct limit_case *c = &limit_cases[i];

		must("{\"language\":\"python\",\"code\":\"\"}");
		assert_int_equal(limit_of(c), c->preset);
		must(WITH("\"limits\":{}"));
		assert_int_equal(limit_of(c), c->preset);
		assert_int_equal(decode_limit_number(NULL, c->name, c->least), 0);
		assert_int_equal(limit_of(c), c->least);
		assert_int_equal(decode_limit_number(NULL, c->name, c->most), 0);
		assert_int_equal(limit_of(c), c->most);
		assert_int_equal(decode_limit_number(NULL, c->name, c->most + 1),
				 -ERR_LIMIT_EXCEEDED);
		assert_int_equal(err.limit, c->most);
		assert_int_equal(decode_limit_number(NULL, c->name, c->least - 1),
				 -ERR_INVALID_FIELD);
		assert_int_equal(err.limit, c->least);
	}
}

struct number_case {
	const char *value;
	enum err_code code;
	bool names_least; /* the limit in the error is the least value, else the most */
};

static const struct number_case number_cases[] = {
    {"0", ERR_INVALID_FIELD, true},
    {"-0", ERR_INVALID_FIELD, true},
    {"-1", ERR_INVALID_FIELD, true},
    {"-9223372036854775808", ERR_INVALID_FIELD, true},
    {"-9223372036854775809", ERR_INVALID_FIELD, true},
    {"-1e308", ERR_INVALID_FIELD, true},
    {"-0.5", ERR_INVALID_FIELD, true},
    {"1e308", ERR_LIMIT_EXCEEDED, false},
    {"1e19", ERR_LIMIT_EXCEEDED, false},
    {"9223372036854775807", ERR_LIMIT_EXCEEDED, false},
    {"9223372036854775808", ERR_LIMIT_EXCEEDED, false},
    {"18446744073709551615", ERR_LIMIT_EXCEEDED, false},
    {"18446744073709551616", ERR_LIMIT_EXCEEDED, false},
    {"18446744073709551617", ERR_LIMIT_EXCEEDED, false},
    {"1180591620717411303424", ERR_LIMIT_EXCEEDED, false},
    {"1.5", ERR_INVALID_FIELD, false},
    {"0.0001", ERR_INVALID_FIELD, false},
    {"1e-300", ERR_INVALID_FIELD, false},
    {"\"5\"", ERR_INVALID_FIELD, false},
    {"\"\"", ERR_INVALID_FIELD, false},
    {"\"unlimited\"", ERR_INVALID_FIELD, false},
    {"null", ERR_INVALID_FIELD, false},
    {"true", ERR_INVALID_FIELD, false},
    {"false", ERR_INVALID_FIELD, false},
    {"[5]", ERR_INVALID_FIELD, false},
    {"{}", ERR_INVALID_FIELD, false},
};

static void test_bad_numbers_for_every_limit(void **state)
{
	char field[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limit_cases); i++) {
		for (size_t j = 0; j < ARRAY_LEN(number_cases); j++) {
			const struct limit_case *c = &limit_cases[i];
			const struct number_case *n = &number_cases[j];
			uint64_t limit = n->names_least ? c->least : c->most;
			int rc = decode_limit(NULL, c->name, n->value);

			snprintf(field, sizeof(field), "limits.%s", c->name);
			if (rc != -(int)n->code || strcmp(err.field, field) != 0 ||
			    !err.has_limit || err.limit != limit)
				fail_msg("%s: %s: got %s, field '%s', limit %ju: %s", c->name,
					 n->value, err_name(rc), err.field, (uintmax_t)err.limit,
					 err.text);
		}
	}
}

static void test_key_lowers_maxima(void **state)
{
	const struct key_limits key = {.wall_time_ms = 10000,
				       .memory_bytes = 1 * GIB,
				       .processes = 9999,
				       .cpu_milli = UINT64_MAX};

	(void)state;
	assert_int_equal(decode_limit_number(&key, "wall_time_ms", 10000), 0);
	assert_int_equal(decode_limit_number(&key, "wall_time_ms", 10001), -ERR_LIMIT_EXCEEDED);
	assert_int_equal(err.limit, 10000);
	assert_int_equal(decode_limit_number(&key, "memory_bytes", GIB + 1), -ERR_LIMIT_EXCEEDED);
	/* a key never raises the server's maximum, and 0 is the server's */
	assert_int_equal(decode_limit_number(&key, "processes", 513), -ERR_LIMIT_EXCEEDED);
	assert_int_equal(err.limit, 512);
	assert_int_equal(decode_limit_number(&key, "cpu_milli", 2001), -ERR_LIMIT_EXCEEDED);
	assert_int_equal(decode_limit_number(&key, "cpu_time_ms", 300000), 0);
	/* without a word from the request, the default is within the key's maximum */
	assert_int_equal(spec.limits.wall_time_ms, 10000);
	assert_int_equal(spec.limits.memory_bytes, 512 * MIB);
}

static void test_runtime_needs_more_than_the_key_has(void **state)
{
	const struct key_limits key = {.memory_bytes = 8 * MIB};

	(void)state;
	assert_int_equal(decode_as(&key, slice_from("{\"language\":\"python\",\"code\":\"\"}")),
			 -ERR_LIMIT_EXCEEDED);
	assert_string_equal(err.field, "limits.memory_bytes");
	assert_int_equal(err.limit, 8 * MIB);
	assert_int_equal(decode_as(&key, slice_from("{\"language\":\"c\",\"code\":\"\"}")), 0);
	assert_int_equal(spec.limits.memory_bytes, 8 * MIB);
}

/* --- sizes at N and N+1 --- */

/* prefix, count times fill, suffix */
static int decode_filled(const char *prefix, const char *fill, size_t count, const char *suffix)
{
	_buf_finish_ struct buf body;

	buf_init(&body, ARENA_BYTES);
	buf_append_text(&body, prefix);
	for (size_t i = 0; i < count; i++)
		buf_append_text(&body, fill);
	buf_append_text(&body, suffix);
	return decode_as(NULL, buf_slice(&body));
}

struct size_case {
	const char *prefix, *fill, *suffix;
	size_t most;
	const char *field;
};

static const struct size_case size_cases[] = {
    {"{\"language\":\"python\",\"code\":\"", "x", "\"}", 1048576, "code"},
    /* bytes, not characters or their escapes: 3 for each of these */
    {"{\"language\":\"python\",\"code\":\"x", "\u20AC", "\"}", 349525, "code"},
    {"{\"language\":\"python\",\"code\":\"", "\\n", "\"}", 1048576, "code"},
    {"{\"language\":\"python\",\"files\":{\"a.py\":\"1234\",\"b\":\"", "x", "\"}}", 1048572,
     "files"},
    {"{\"language\":\"python\",\"code\":\"\",\"stdin\":\"", "x", "\"}", 10485760, "stdin"},
    {"{\"language\":\"python\",\"code\":\"\",\"stdin\":{\"encoding\":\"base64\",\"content\":\"",
     "AAAA", "AA==\"}}", 3495253, "stdin"},
    {"{\"language\":\"python\",\"code\":\"\",\"args\":[\"\"", ",\"\"", "]}", 99, "args"},
    {"{\"language\":\"python\",\"code\":\"\",\"args\":[\"", "x", "\"]}", 102400, "args[0]"},
    {"{\"language\":\"python\",\"code\":\"\",\"env\":{\"A\":\"", "x", "\"}}", 102400, "env.A"},
};

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(size_cases); i++) {
		const struct size_case *c = &size_cases[i];

		if (decode_filled(c->prefix, c->fill, c->most, c->suffix) != 0)
			fail_msg("row %zu: %s", i, err.text);
		int rc = decode_filled(c->prefix, c->fill, c->most + 1, c->suffix);
		if (rc != -ERR_LIMIT_EXCEEDED || strcmp(err.field, c->field) != 0 || !err.has_limit)
			fail_msg("row %zu: %s, field '%s': %s", i, err_name(rc), err.field,
				 err.text);
	}
}

/* prefix, count members with empty strings, suffix */
static int decode_members(const char *prefix, size_t count, const char *suffix)
{
	_buf_finish_ struct buf body;

	buf_init(&body, ARENA_BYTES);
	buf_append_text(&body, prefix);
	for (size_t i = 0; i < count; i++)
		buf_printf(&body, "%s\"n%zu\":\"\"", i ? "," : "", i);
	buf_append_text(&body, suffix);
	return decode_as(NULL, buf_slice(&body));
}

static void test_counts(void **state)
{
	static const char *const objects[] = {"env", "files"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		char prefix[64];
		const char *suffix = i == 0 ? "},\"code\":\"\"}" : "},\"entrypoint\":\"n0\"}";

		snprintf(prefix, sizeof(prefix), "{\"language\":\"python\",\"%s\":{", objects[i]);
		if (decode_members(prefix, 100, suffix) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(i == 0 ? spec.env_count : spec.file_count, 100);
		assert_int_equal(decode_members(prefix, 101, suffix), -ERR_LIMIT_EXCEEDED);
		assert_string_equal(err.field, objects[i]);
		assert_int_equal(err.limit, 100);
	}
}

static void test_env_name_size(void **state)
{
	(void)state;
	assert_int_equal(decode_filled("{\"language\":\"python\",\"code\":\"\",\"env\":{\"", "x",
				       4096, "\":\"\"}}"),
			 0);
	assert_int_equal(decode_filled("{\"language\":\"python\",\"code\":\"\",\"env\":{\"", "x",
				       4097, "\":\"\"}}"),
			 -ERR_LIMIT_EXCEEDED);
	assert_int_equal(err.limit, 4096);
}

static void test_name_sizes(void **state)
{
	(void)state;
	assert_int_equal(
	    decode_filled("{\"language\":\"python\",\"files\":{\"", "a", 255, "\":\"\"}}"), 0);
	assert_int_equal(
	    decode_filled("{\"language\":\"python\",\"files\":{\"", "a", 256, "\":\"\"}}"),
	    -ERR_INVALID_FIELD);
	assert_int_equal(
	    decode_filled("{\"language\":\"python\",\"files\":{\"xx", "/a", 511, "\":\"\"}}"), 0);
	assert_int_equal(
	    decode_filled("{\"language\":\"python\",\"files\":{\"xxx", "/a", 511, "\":\"\"}}"),
	    -ERR_INVALID_FIELD);
	assert_non_null(strstr(err.text, "1024"));
}

/* --- good requests --- */

/* Only what the manifest lists gets through, also when the version stands behind the flags. */
static void test_flags(void **state)
{
	(void)state;
	must("{\"flags\":[\"-std=c11\",\"-O2\"],\"language\":\"c\",\"code\":\"\",\"version\":"
	     "\"14\"}");
	assert_int_equal(spec.flag_count, 2);
	assert_true(is_text(spec.flags[0], "-std=c11"));
	assert_true(is_text(spec.flags[1], "-O2"));
	must("{\"language\":\"c\",\"code\":\"\",\"flags\":[]}");
	assert_int_equal(spec.flag_count, 0);
}

static void test_least_request(void **state)
{
	(void)state;
	must("{\"language\":\"python\",\"code\":\"print(1)\\n\"}");
	assert_string_equal(spec.runtime->id, "python");
	assert_string_equal(spec.version->version, "3.13.5");
	assert_int_equal(spec.file_count, 1);
	assert_int_equal(spec.entry, 0);
	assert_true(is_text(spec.files[0].name, "main.py"));
	assert_true(is_text(spec.files[0].data, "print(1)\n"));
	assert_int_equal(spec.arg_count + spec.env_count + spec.stdin_data.len, 0);
	assert_int_equal(spec.engine, ENGINE_NATIVE);
	assert_int_equal(spec.output_encoding, OUTPUT_TEXT);
}

static void test_full_request(void **state)
{
	(void)state;
	must("{\"output_encoding\":\"base64\",\"limits\":{\"wall_time_ms\":5000,\"output_bytes\":1."
	     "0e3},"
	     "\"stdin\":\"in\\u0000put\",\"env\":{\"A\":\"1\",\"b-c.d\":\"x=y\"},\"args\":[\"-x\","
	     "\"\",\"\\n$(id)\"],"
	     "\"entrypoint\":\"app/"
	     "run.py\",\"engine\":\"auto\",\"version\":\"3.11\",\"language\":\"PY\",\"files\":"
	     "[{\"name\":\"lib.py\",\"content\":\"\u20AC\"},{\"encoding\":\"base64\",\"name\":"
	     "\"app/run.py\",\"content\":"
	     "\"/wA=\"},{\"name\":\"data\",\"content\":\"aa\",\"encoding\":\"utf8\"}]}");
	assert_string_equal(spec.version->version, "3.11.2");
	assert_int_equal(spec.engine, ENGINE_NATIVE);
	assert_int_equal(spec.output_encoding, OUTPUT_BASE64);
	assert_int_equal(spec.limits.wall_time_ms, 5000);
	assert_int_equal(spec.limits.output_bytes, 1000);
	assert_true(slice_equal(spec.stdin_data, SLICE_LITERAL("in\0put")));
	assert_int_equal(spec.env_count, 2);
	assert_true(is_text(spec.env[0], "A=1") && is_text(spec.env[1], "b-c.d=x=y"));
	assert_int_equal(spec.arg_count, 3);
	assert_true(is_text(spec.args[0], "-x") && is_text(spec.args[1], "") &&
		    is_text(spec.args[2], "\n$(id)"));
	assert_int_equal(spec.file_count, 3);
	assert_int_equal(spec.entry, 1);
	assert_true(is_text(spec.files[0].data, "\u20AC"));
	assert_true(slice_equal(spec.files[1].data, SLICE_LITERAL("\xFF\0")));
	assert_true(is_text(spec.files[2].data, "aa"));
}

struct entry_case {
	const char *body, *entry;
};

static const struct entry_case entry_cases[] = {
    {FILES("[{\"name\":\"x.txt\",\"content\":\"\"}]"), "x.txt"},
    {FILES("{\"a.py\":\"\",\"main.py\":\"\"}"), "main.py"},
    {FILES("{\"x.txt\":\"\",\"b.py\":\"\",\"a.py\":\"\"}"), "b.py"},
    {FILES("{\"py\":\"\",\".py\":\"\",\"dir/a.py\":\"\"}"), "dir/a.py"},
    {WITH("\"entrypoint\":\"sub/app.py\""), "sub/app.py"},
    {WITH("\"entrypoint\":\"...\""), "..."},
    {"{\"language\":\"C\",\"files\":{\"util.c\":\"\",\"main.c\":\"\",\"util.h\":\"\"}}", "main.c"},
    {"{\"language\":\"gcc\",\"files\":{\"util.h\":\"\",\"prog.c\":\"\"}}", "prog.c"},
    {"{\"language\":\"c\",\"files\":{\"mainx\":\"\",\"x.c\":\"\",\"a/main\":\"\"}}", "x.c"},
    {"{\"language\":\"python\",\"files\":{\"main\":\"\"}}", "main"},
    {"{\"language\":\"python\",\"files\":{\"\u65E5\u672C.py\":\"\"}}", "\u65E5\u672C.py"},
    {"{\"language\":\"python\",\"files\":{\"a b\\nc.py\":\"\"}}", "a b\nc.py"},
    {FILE_NAMED("-c"), "-c"},
};

static void test_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(entry_cases); i++) {
		must(entry_cases[i].body);
		if (!is_text(spec.files[spec.entry].name, entry_cases[i].entry))
			fail_msg("%s", entry_cases[i].body);
	}
}

struct content_case {
	const char *json;
	struct slice data;
};

static const struct content_case content_cases[] = {
    {"\"\"", SLICE_LITERAL("")},
    {"\"a\\u0000b\"", SLICE_LITERAL("a\0b")},
    {"\"\\ud83d\\ude00\"", SLICE_LITERAL("\U0001F600")},
    {"{\"content\":\"Zm9v\"}", SLICE_LITERAL("Zm9v")},
    {"{\"content\":\"Zm9v\",\"encoding\":\"utf8\"}", SLICE_LITERAL("Zm9v")},
    {"{\"content\":\"Zm9v\",\"encoding\":\"base64\"}", SLICE_LITERAL("foo")},
    {"{\"encoding\":\"base64\",\"content\":\"\"}", SLICE_LITERAL("")},
};

static void test_contents(void **state)
{
	char body[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(content_cases); i++) {
		const struct content_case *c = &content_cases[i];

		snprintf(body, sizeof(body), WITH("\"stdin\":%s"), c->json);
		must(body);
		assert_true(slice_equal(spec.stdin_data, c->data));
		snprintf(body, sizeof(body), FILES("{\"x\":%s}"), c->json);
		must(body);
		assert_true(slice_equal(spec.files[0].data, c->data));
	}
}

static void test_both_forms_of_files_mean_the_same(void **state)
{
	(void)state;
	must(FILES("[{\"name\":\"a.py\",\"content\":\"1\"},{\"name\":\"d/b\",\"content\":\"2\"}]"));
	assert_true(spec.file_count == 2 && spec.entry == 0);
	assert_true(is_text(spec.files[1].name, "d/b") && is_text(spec.files[1].data, "2"));
	must(FILES("{\"a.py\":\"1\",\"d/b\":\"2\"}"));
	assert_true(spec.file_count == 2 && spec.entry == 0);
	assert_true(is_text(spec.files[1].name, "d/b") && is_text(spec.files[1].data, "2"));
}

static void test_arena_too_small(void **state)
{
	struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
	struct slice body = SLICE_LITERAL(
	    "{\"language\":\"py\",\"args\":[\"1\",\"2\"],\"env\":{\"A\":\"b\"},"
	    "\"files\":{\"a\":{\"content\":\"AAAA\",\"encoding\":\"base64\"},\"main.py\":\"\"}}");
	bool worked = false;

	(void)state;
	for (size_t room = 0; room < 1024; room += 16) {
		struct arena *small = arena_create(room);
		int rc = world_decode(&dialect_native, &api, body, small, &spec, &err);

		assert_true(rc == -ERR_NO_MEMORY || rc == 0);
		assert_false(worked && rc != 0);
		worked = rc == 0;
		arena_destroy(small);
	}
	assert_true(worked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_limits_at_their_borders),
	    cmocka_unit_test(test_bad_numbers_for_every_limit),
	    cmocka_unit_test(test_key_lowers_maxima),
	    cmocka_unit_test(test_runtime_needs_more_than_the_key_has),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_env_name_size),
	    cmocka_unit_test(test_name_sizes),
	    cmocka_unit_test(test_least_request),
	    cmocka_unit_test(test_full_request),
	    cmocka_unit_test(test_entries),
	    cmocka_unit_test(test_contents),
	    cmocka_unit_test(test_both_forms_of_files_mean_the_same),
	    cmocka_unit_test(test_arena_too_small),
	};

	return cmocka_run_group_tests_name("native decode", tests, NULL, teardown);
}
