/* SPDX-License-Identifier: Apache-2.0 */
/* Documents on their way between two processes, and what a hostile one may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/document.h"

static struct buf bytes;

static int set_up(void **state _unused_)
{
	buf_init(&bytes, 64 * MIB);
	return 0;
}

static int tear_down(void **state _unused_)
{
	buf_finish(&bytes);
	return 0;
}

static void put(const char *id, const char *head, const char *body)
{
	struct document document = {.kind = DOCUMENT_SECRET,
				    .mark = -7,
				    .head = slice_from(head),
				    .body = slice_from(body)};

	strcpy(document.id, id);
	strcpy(document.parent, "p");
	assert_int_equal(document_write(&bytes, &document), 0);
}

static void documents_come_out_as_they_went_in(void **state _unused_)
{
	struct document document;

	put("a", "{}", "");
	put("b", "{\"x\":1}", "odd length");
	struct slice rest = buf_slice(&bytes);
	assert_int_equal(document_next(&rest, &document), 1);
	assert_string_equal(document.id, "a");
	assert_int_equal(document.body.len, 0);
	assert_int_equal(document_next(&rest, &document), 1);
	assert_string_equal(document.parent, "p");
	assert_int_equal(document.mark, -7);
	assert_true(slice_equal(document.head, SLICE_LITERAL("{\"x\":1}")));
	assert_true(slice_equal(document.body, SLICE_LITERAL("odd length")));
	assert_int_equal(document_next(&rest, &document), 0);
}

static void every_cut_is_refused(void **state _unused_)
{
	struct document document;

	put("a", "{\"x\":1}", "body");
	for (size_t len = 1; len < bytes.len; len++) {
		struct slice rest = {bytes.data, len};
		assert_int_equal(document_next(&rest, &document), -ERR_PROTOCOL);
		assert_int_equal(rest.len, len);
	}
}

static void wrong_records_are_refused(void **state _unused_)
{
	static const struct {
		size_t offset;
		uint64_t value;
		size_t size;
	} wrong[] = {
	    {offsetof(struct document_record, kind), DOCUMENT_KIND_COUNT, 4},
	    {offsetof(struct document_record, kind), UINT32_MAX, 4},
	    {offsetof(struct document_record, head_bytes), UINT64_MAX, 8},
	    {offsetof(struct document_record, body_bytes), UINT64_MAX - 16, 8},
	    {offsetof(struct document_record, body_bytes), DOCUMENT_BYTES_MAX, 8},
	};
	struct document document;

	put("a", "{}", "body");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char kept[8];
		memcpy(kept, bytes.data + wrong[i].offset, wrong[i].size);
		memcpy(bytes.data + wrong[i].offset, &wrong[i].value, wrong[i].size);
		struct slice rest = buf_slice(&bytes);
		assert_int_equal(document_next(&rest, &document), -ERR_PROTOCOL);
		memcpy(bytes.data + wrong[i].offset, kept, wrong[i].size);
	}
	memset(bytes.data + offsetof(struct document_record, id), 'x', ID_BYTES);
	struct slice rest = buf_slice(&bytes);
	assert_int_equal(document_next(&rest, &document), -ERR_PROTOCOL);
}

static void one_that_is_too_large_is_not_written(void **state _unused_)
{
	static char large[1024];
	struct document document = {.head = {large, sizeof(large)}};

	buf_finish(&bytes);
	buf_init(&bytes, sizeof(large));
	assert_int_equal(document_write(&bytes, &document), -ERR_TOO_LARGE);
	assert_int_equal(bytes.len, 0);
}

static void only_sealed_files_of_allowed_size_are_read(void **state _unused_)
{
	int pipes[2];
	_close_ int fd = fd_sealed_copy("t", "12345678", 8);

	assert_int_equal(document_read(fd, 7, &bytes), -ERR_PROTOCOL);
	assert_int_equal(document_read(fd, 8, &bytes), 0);
	assert_true(slice_equal(buf_slice(&bytes), SLICE_LITERAL("12345678")));
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(document_read(pipes[0], 8, &bytes), -ERR_PROTOCOL);
	close(pipes[0]);
	close(pipes[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(documents_come_out_as_they_went_in),
	    TEST(every_cut_is_refused),
	    TEST(wrong_records_are_refused),
	    TEST(one_that_is_too_large_is_not_written),
	    TEST(only_sealed_files_of_allowed_size_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
