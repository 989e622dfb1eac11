/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>

#include "base/err.h"
#include "door/coding.h"

static void test_choose(void **state _unused_)
{
	static const struct {
		const char *accept;
		enum coding coding;
	} rows[] = {
	    {"", CODING_IDENTITY},
	    {"gzip", CODING_GZIP},
	    {"zstd", CODING_ZSTD},
	    {"br, gzip, zstd", CODING_ZSTD},
	    {"gzip;q=0.9,zstd;q=0.8", CODING_GZIP},
	    {"gzip;q=0.001", CODING_GZIP},
	    {"gzip;q=0.000", CODING_IDENTITY},
	    {"gzip;q=2", CODING_GZIP},
	    {"gzip;level=9", CODING_IDENTITY},
	    {"gzip;q=", CODING_IDENTITY},
	    {"*;q=0.5, zstd;q=0", CODING_GZIP},
	    {"identity;q=0.5, *;q=0.5", CODING_ZSTD},
	    {"identity;q=1, *;q=0.5", CODING_IDENTITY},
	    {" ,, \tX-GZIP\t ; \tq=1 ,", CODING_GZIP},
	    {"gzipp", CODING_IDENTITY},
	    {";;;=,", CODING_IDENTITY},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(coding_choose(slice_from(rows[i].accept)), rows[i].coding);
}

#define LARGE_BYTES (3 * CODING_STEP_BYTES + 1)

static size_t expand(enum coding coding, const struct buf *in, char *out, size_t cap)
{
	z_stream z = {.next_in = (Bytef *)in->data,
		      .avail_in = (uInt)in->len,
		      .next_out = (Bytef *)out,
		      .avail_out = (uInt)cap};

	if (coding == CODING_ZSTD)
		return ZSTD_decompress(out, cap, in->data, in->len);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	return cap - z.avail_out;
}

static void test_steps(void **state _unused_)
{
	char *text = malloc(LARGE_BYTES), *back = malloc(LARGE_BYTES + 1);

	for (size_t i = 0; i < LARGE_BYTES; i++)
		text[i] = "{\"stdout\":\"line\\n"[i % 17];
	for (unsigned coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
		struct coder *coder = coder_create(coding, (struct slice){text, LARGE_BYTES});
		int steps = 1, rc;

		while ((rc = coder_step(coder)) == 0)
			steps++;
		assert_int_equal(rc, 1);
		assert_int_equal(steps, 4);
		assert_true(coder_out(coder)->len < LARGE_BYTES / 20);
		assert_int_equal(expand(coding, coder_out(coder), back, LARGE_BYTES + 1),
				 LARGE_BYTES);
		assert_memory_equal(text, back, LARGE_BYTES);
		coder_destroy(coder);
	}
	free(text);
	free(back);
}

static void test_grows(void **state _unused_)
{
	char noise[4096];
	uint32_t random = 1;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)((random = random * 1664525 + 1013904223) >> 24);
	for (unsigned coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
		struct coder *coder = coder_create(coding, (struct slice){noise, sizeof(noise)});
		assert_int_equal(coder_step(coder), -ERR_TOO_LARGE);
		coder_destroy(coder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_choose),
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
