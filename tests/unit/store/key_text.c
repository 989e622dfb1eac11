/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/err.h"
#include "base/util.h"
#include "store/key_text.h"

static void a_made_key_is_recognised(void **state _unused_)
{
	char text[KEY_TEXT_BYTES];
	uint8_t hash[KEY_HASH_BYTES], again[KEY_HASH_BYTES];

	assert_int_equal(key_text_make(text), 0);
	assert_int_equal(strlen(text), KEY_TEXT_LEN);
	assert_memory_equal(text, "sg_", 3);
	assert_int_equal(key_text_hash(slice_from(text), hash), 0);
	assert_int_equal(key_text_hash(slice_from(text), again), 0);
	assert_memory_equal(hash, again, sizeof(hash));
}

/* The hash and the checksum must never change: keys given out years ago depend on them. */
static void the_form_is_fixed(void **state _unused_)
{
	static const uint8_t expected[KEY_HASH_BYTES] = {
	    0x9d, 0x39, 0xd5, 0xbd, 0x37, 0x04, 0x55, 0x8f, 0xda, 0xd5, 0x8d,
	    0xf1, 0x93, 0xda, 0x0c, 0xc8, 0x8a, 0xe4, 0x65, 0x59, 0x97, 0xe5,
	    0xb1, 0x51, 0xe7, 0x36, 0xd6, 0x7d, 0x62, 0xf6, 0x21, 0xc8,
	};
	uint8_t hash[KEY_HASH_BYTES];

	assert_int_equal(
	    key_text_hash(SLICE_LITERAL("sg_07ELSZgnu18FMTahov29GNUbipw3AHOVcjqx4BIPWdk4fHarY"),
			  hash),
	    0);
	assert_memory_equal(hash, expected, sizeof(hash));
}

static void keys_differ(void **state _unused_)
{
	char a[KEY_TEXT_BYTES], b[KEY_TEXT_BYTES];

	assert_int_equal(key_text_make(a), 0);
	assert_int_equal(key_text_make(b), 0);
	assert_string_not_equal(a, b);
}

static void all_symbols_are_used(void **state _unused_)
{
	char text[KEY_TEXT_BYTES];
	bool seen[256] = {false};
	int count = 0;

	for (int i = 0; i < 200; i++) {
		assert_int_equal(key_text_make(text), 0);
		for (size_t k = 3; k < KEY_TEXT_LEN; k++)
			seen[(unsigned char)text[k]] = true;
	}
	for (int c = 0; c < 256; c++)
		count += seen[c];
	assert_int_equal(count, 62);
}

static void every_change_of_one_byte_is_refused(void **state _unused_)
{
	char text[KEY_TEXT_BYTES];
	uint8_t hash[KEY_HASH_BYTES];

	assert_int_equal(key_text_make(text), 0);
	for (size_t at = 0; at < KEY_TEXT_LEN; at++) {
		char right = text[at];
		for (int c = 0; c < 256; c++) {
			if ((char)c == right)
				continue;
			text[at] = (char)c;
			if (key_text_hash((struct slice){text, KEY_TEXT_LEN}, hash) !=
			    -ERR_UNAUTHENTICATED)
				fail_msg("byte %zu changed to %d was taken", at, c);
		}
		text[at] = right;
	}
}

static void swapped_neighbours_are_refused(void **state _unused_)
{
	char text[KEY_TEXT_BYTES];
	uint8_t hash[KEY_HASH_BYTES];

	assert_int_equal(key_text_make(text), 0);
	for (size_t at = 0; at + 1 < KEY_TEXT_LEN; at++) {
		char a = text[at], b = text[at + 1];
		if (a == b)
			continue;
		text[at] = b;
		text[at + 1] = a;
		assert_int_equal(key_text_hash(slice_from(text), hash), -ERR_UNAUTHENTICATED);
		text[at] = a;
		text[at + 1] = b;
	}
}

static void other_lengths_are_refused(void **state _unused_)
{
	char text[KEY_TEXT_BYTES + 1] = {0};
	uint8_t hash[KEY_HASH_BYTES];

	assert_int_equal(key_text_make(text), 0);
	for (size_t len = 0; len < KEY_TEXT_LEN; len++)
		assert_int_equal(key_text_hash((struct slice){text, len}, hash),
				 -ERR_UNAUTHENTICATED);
	text[KEY_TEXT_LEN] = 'x';
	assert_int_equal(key_text_hash((struct slice){text, KEY_TEXT_LEN + 1}, hash),
			 -ERR_UNAUTHENTICATED);
	assert_int_equal(key_text_hash((struct slice){NULL, 0}, hash), -ERR_UNAUTHENTICATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_made_key_is_recognised),
	    cmocka_unit_test(the_form_is_fixed),
	    cmocka_unit_test(keys_differ),
	    cmocka_unit_test(all_symbols_are_used),
	    cmocka_unit_test(every_change_of_one_byte_is_refused),
	    cmocka_unit_test(swapped_neighbours_are_refused),
	    cmocka_unit_test(other_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
