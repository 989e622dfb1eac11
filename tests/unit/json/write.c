/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer makes of arbitrary bytes, read back by yyjson. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <yyjson.h>

#include "json/json.h"

#define R "\xEF\xBF\xBD" /* U+FFFD */

struct text_case {
	const char *name;
	struct slice in, out; /* out: without the quotes */
};
#define CASE(name, in, out)                                                                        \
	{                                                                                          \
		name, {in, sizeof(in) - 1},                                                        \
		{                                                                                  \
			out, sizeof(out) - 1                                                       \
		}                                                                                  \
	}

static const struct text_case text_cases[] = {
    CASE("empty", "", ""),
    CASE("plain", "Hello, world!", "Hello, world!"),
    CASE("nul in the middle", "a\0b", "a\\u0000b"),
    CASE("short escapes", "\b\t\n\f\r\"\\", "\\b\\t\\n\\f\\r\\\"\\\\"),
    CASE("controls", "\x01\x1F\x7F", "\\u0001\\u001f\x7F"),
    CASE("escape behind eight plain bytes", "01234567\n9", "01234567\\n9"),
    CASE("slash is not escaped", "</script>", "</script>"),
    CASE("two, three, four bytes", "\u00E9\u20AC\U0001F600", "\u00E9\u20AC\U0001F600"),
    CASE("borders", "\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
	 "\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
    /* Unicode 15, tables 3-8 to 3-11 */
    CASE("table 3-8: overlong", "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", R R R R R R R R "A"),
    CASE("table 3-9: surrogates", "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", R R R R R R R R "A"),
    CASE("table 3-10: beyond U+10FFFF", "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
	 R R R R R "A" R R "B"),
    CASE("table 3-11: truncated", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", R R R R "A"),
    CASE("61 F1 80 80 E1 80 C2 62 80 63 80 BF 64",
	 "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", "a" R R R "b" R "c" R R "d"),
    CASE("ends after 1 of 2", "x\xC3", "x" R),
    CASE("ends after 1 of 3", "x\xE2", "x" R),
    CASE("ends after 2 of 3", "x\xE2\x82", "x" R),
    CASE("ends after 3 of 4", "x\xF0\x9F\x98", "x" R),
    CASE("continuation alone", "\x80\xBF", R R),
    CASE("never a byte", "\xFE\xFF\xF5\xC0\xC1", R R R R R),
};

static struct buf written(struct slice in)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 1 << 28);
	json_writer_init(&w, &out);
	json_put_bytes(&w, NULL, in);
	assert_int_equal(w.rc, 0);
	return out;
}

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
		const struct text_case *c = &text_cases[i];
		_buf_finish_ struct buf out = written(c->in);

		if (out.len != c->out.len + 2 || memcmp(out.data + 1, c->out.data, c->out.len) != 0)
			fail_msg("%s: got %.*s", c->name, (int)out.len, out.data);
	}
}

static void test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(text_cases); i++) {
		const struct text_case *c = &text_cases[i];
		bool replaced = c->out.len && strstr(c->out.data, R) != NULL;

		if (json_utf8_valid(c->in) == replaced)
			fail_msg("%s", c->name);
	}
}

/* A character on each side of, and across, every border between blocks. */
static void test_blocks(void **state)
{
	static char text[2048 + 8];
	static const char euro[] = "\u20AC";

	(void)state;
	for (size_t at = 500; at < 530; at++) {
		memset(text, 'x', sizeof(text));
		memcpy(text + at, euro, 3);
		_buf_finish_ struct buf out = written((struct slice){text, 2048});

		assert_int_equal(out.len, 2048 + 2);
		assert_memory_equal(out.data + 1, text, 2048);
		/* the same, with the text ending inside it */
		_buf_finish_ struct buf cut = written((struct slice){text, at + 2});
		assert_int_equal(cut.len, at + 2 + 3);
		assert_memory_equal(cut.data + 1 + at, R, 3);
	}
}

/* What a decoder with the same rule makes of bytes: the plain, slow way, straight from the
 * definition. */
static size_t slow_replace(char *out, const unsigned char *in, size_t len)
{
	size_t used = 0;

	for (size_t at = 0; at < len;) {
		size_t best = 0, whole = 0;
		for (size_t n = 1; n <= 4 && at + n <= len; n++)
			if (json_utf8_valid((struct slice){(const char *)in + at, n}) && !whole)
				whole = n;
		/* maximal subpart: the longest prefix of some valid sequence */
		static const char tails[][4] = {"\x80\x80\x80", "\x90\x80\x80", "\xA0\x80\x80",
						"\xBF\x80\x80"};
		for (size_t n = 1; !whole && n <= 3 && at + n <= len; n++)
			for (size_t t = 0; t < 4; t++)
				for (size_t more = 1; n + more <= 4; more++) {
					char probe[8];
					memcpy(probe, in + at, n);
					memcpy(probe + n, tails[t], 3);
					bool ascii_first = in[at] < 0x80;
					if (!ascii_first &&
					    json_utf8_valid((struct slice){probe, n + more}))
						best = n;
				}
		size_t take = whole ? whole : best ? best : 1;
		memcpy(out + used, whole ? (const char *)in + at : R, whole ? whole : 3);
		used += whole ? whole : 3;
		at += take;
	}
	return used;
}

static uint64_t random_state = 88172645463325252u;

static uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Half of the bytes from those that sequences are made of, so that near misses are common. */
static void random_bytes(unsigned char *out, size_t len)
{
	static const unsigned char likely[] = {0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2,
					       0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4,
					       'a',  '"',  '\\', '\n', 0};

	for (size_t i = 0; i < len; i++) {
		uint64_t r = random_next();
		out[i] = r & 1 ? (unsigned char)(r >> 8) : likely[(r >> 8) % sizeof(likely)];
	}
}

static void test_random(void **state)
{
	static unsigned char in[3000];
	static char want[9000];

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		size_t len = random_next() % (round % 50 ? 40 : sizeof(in));
		random_bytes(in, len);
		size_t want_len = slow_replace(want, in, len);
		_buf_finish_ struct buf out = written((struct slice){(char *)in, len});
		yyjson_doc *doc = yyjson_read(out.data, out.len, 0);

		assert_non_null(doc);
		assert_int_equal(yyjson_get_len(yyjson_doc_get_root(doc)), want_len);
		assert_memory_equal(yyjson_get_str(yyjson_doc_get_root(doc)), want, want_len);
		yyjson_doc_free(doc);
	}
}

static void test_structure(void **state)
{
	_buf_finish_ struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 4096);
	json_writer_init(&w, &out);
	json_object_open(&w, NULL);
	json_put_text(&w, "a\"b", "c");
	json_put_text(&w, "none", NULL);
	json_array_open(&w, "list");
	json_put_i64(&w, NULL, INT64_MIN);
	json_put_u64(&w, NULL, UINT64_MAX);
	json_put_bool(&w, NULL, true);
	json_put_bool(&w, NULL, false);
	json_put_null(&w, NULL);
	json_object_open(&w, NULL);
	json_object_close(&w);
	json_array_open(&w, NULL);
	json_array_close(&w);
	json_array_close(&w);
	json_put_decimal(&w, "d", 1234567, 6);
	json_put_decimal(&w, "z", 0, 3);
	json_put_decimal(&w, "s", 7, 3);
	json_put_decimal(&w, "i", 120, 0);
	json_put_decimal(&w, "m", UINT64_MAX, 3);
	json_object_close(&w);
	assert_int_equal(w.rc, 0);
	assert_string_equal(
	    buf_c_str(&out),
	    "{\"a\\\"b\":\"c\",\"none\":null,\"list\":[-9223372036854775808,18446744073709551615,"
	    "true,false,null,{},[]],\"d\":1.234567,\"z\":0.000,\"s\":0.007,\"i\":120,"
	    "\"m\":18446744073709551.615}");
}

static void test_base64(void **state)
{
	/* RFC 4648, section 10 */
	static const char *const rows[][2] = {{"", ""},
					      {"f", "Zg=="},
					      {"fo", "Zm8="},
					      {"foo", "Zm9v"},
					      {"foob", "Zm9vYg=="},
					      {"fooba", "Zm9vYmE="},
					      {"foobar", "Zm9vYmFy"},
					      {"\xFB\xFF\xFE", "+//+"}};
	struct json_writer w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_buf_finish_ struct buf out;
		buf_init(&out, 4096);
		json_writer_init(&w, &out);
		json_put_base64(&w, NULL, slice_from(rows[i][0]));
		assert_int_equal(out.len, strlen(rows[i][1]) + 2);
		assert_memory_equal(out.data + 1, rows[i][1], strlen(rows[i][1]));
	}
}

/* Written and read back, around the writer's block. */
static void test_base64_round_trip(void **state)
{
	static unsigned char in[4700];

	(void)state;
	random_bytes(in, sizeof(in));
	for (size_t len = 1500; len < sizeof(in); len += 1 + len % 37) {
		_buf_finish_ struct buf out;
		struct json_writer w;
		struct arena *arena = arena_create(1 << 20);
		struct slice back;

		buf_init(&out, 1 << 20);
		json_writer_init(&w, &out);
		json_put_base64(&w, NULL, (struct slice){(char *)in, len});
		struct slice text = {out.data + 1, out.len - 2};
		assert_int_equal(json_base64_decode(arena, text, "x", &back, NULL), 0);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.data, in, len);
		arena_destroy(arena);
	}
}

static void test_ceiling_sticks(void **state)
{
	_buf_finish_ struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 20);
	json_writer_init(&w, &out);
	json_array_open(&w, NULL);
	json_put_text(&w, NULL, "0123456789");
	assert_int_equal(w.rc, 0);
	size_t before = out.len;
	json_put_text(&w, NULL, "0123456789");
	assert_int_equal(w.rc, -ERR_TOO_LARGE);
	assert_true(out.len >= before && out.len <= 20);
	size_t after = out.len;
	json_put_bool(&w, NULL, true);
	json_array_close(&w);
	assert_int_equal(w.rc, -ERR_TOO_LARGE);
	assert_int_equal(out.len, after);
}

static void test_depth(void **state)
{
	_buf_finish_ struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 4096);
	json_writer_init(&w, &out);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		json_array_open(&w, NULL);
	assert_int_equal(w.rc, 0);
	json_array_open(&w, NULL);
	assert_int_equal(w.rc, -ERR_INTERNAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_structure),
	    cmocka_unit_test(test_base64),
	    cmocka_unit_test(test_base64_round_trip),
	    cmocka_unit_test(test_ceiling_sticks),
	    cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests_name("json write", tests, NULL, NULL);
}
