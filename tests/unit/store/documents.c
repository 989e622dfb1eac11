/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in the database: whose they are, how many, and what lies on the disk. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "store/documents.h"
#include "store/seal.h"

static char dir[] = "/tmp/sandglass-documents-XXXXXX";
static struct store *store;
static struct buf out;
static struct err err;

static int remove_one(const char *path, const struct stat *st _unused_, int kind _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int set_up(void **state _unused_)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	buf_init(&out, 64 * MIB);
	return mkdtemp(dir) && store_open(&store, dir, &err) == 0 ? 0 : -1;
}

static int tear_down(void **state _unused_)
{
	store_close(store);
	buf_finish(&out);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void reopen(void)
{
	store_close(store);
	store = NULL;
	if (store_open(&store, dir, &err) < 0)
		fail_msg("%s", err.text);
}

static int put_marked(const char *key, enum document_kind kind, const char *id, const char *parent,
		      const char *text, int64_t mark)
{
	struct document document = {
	    .kind = kind, .mark = mark, .head = slice_from(text), .body = slice_from(text)};
	_buf_finish_ struct buf bytes;

	snprintf(document.id, sizeof(document.id), "%s", id);
	snprintf(document.parent, sizeof(document.parent), "%s", parent);
	buf_init(&bytes, 64 * MIB);
	assert_int_equal(document_write(&bytes, &document), 0);
	return store_documents_put(store, key, buf_slice(&bytes), &err);
}

static int put(const char *key, enum document_kind kind, const char *id, const char *text)
{
	return put_marked(key, kind, id, "", text, 0);
}

static struct msg_document_ask ask_of(const char *key, enum document_kind kind, const char *id)
{
	struct msg_document_ask ask = {.kind = kind, .most = DOCUMENTS_PAGE_MAX};

	snprintf(ask.key_id, sizeof(ask.key_id), "%s", key);
	snprintf(ask.id, sizeof(ask.id), "%s", id);
	return ask;
}

/* The body of one, or the error. */
static int get(const char *key, enum document_kind kind, const char *id, char text[static 64])
{
	struct msg_document_ask ask = ask_of(key, kind, id);
	struct document document;

	buf_clear(&out);
	int rc = store_document_get(store, &ask, &out, &err);
	if (rc < 0)
		return rc;
	struct slice rest = buf_slice(&out);
	assert_int_equal(document_next(&rest, &document), 1);
	snprintf(text, 64, "%.*s", (int)document.body.len, document.body.data);
	return 0;
}

/* The ids of a list, one behind the other. */
static void list(const struct msg_document_ask *ask, char text[static 64])
{
	struct document document;
	uint32_t count = 0;

	buf_clear(&out);
	assert_int_equal(store_documents_list(store, ask, &out, &count, &err), 0);
	text[0] = '\0';
	for (struct slice rest = buf_slice(&out); document_next(&rest, &document) > 0; count--) {
		strcat(text, document.id);
		assert_int_equal(document.body.len, 0);
	}
	assert_int_equal(count, 0);
}

static void a_document_stays_and_is_replaced(void **state _unused_)
{
	char text[64];

	assert_int_equal(put("k", DOCUMENT_TOOL, "a", "one"), 0);
	assert_int_equal(put("k", DOCUMENT_TOOL, "a", "two"), 0);
	reopen();
	assert_int_equal(get("k", DOCUMENT_TOOL, "a", text), 0);
	assert_string_equal(text, "two");
}

static void it_is_its_owners_alone_and_of_its_kind(void **state _unused_)
{
	struct msg_document_ask ask = ask_of("other", DOCUMENT_TOOL, "a");
	char text[64];

	assert_int_equal(put("k", DOCUMENT_TOOL, "a", "one"), 0);
	assert_int_equal(get("other", DOCUMENT_TOOL, "a", text), -ERR_NOT_FOUND);
	assert_int_equal(get("k", DOCUMENT_SECRET, "a", text), -ERR_NOT_FOUND);
	assert_int_equal(store_document_delete(store, &ask, &err), -ERR_NOT_FOUND);
	ask.id[0] = '\0';
	list(&ask, text);
	assert_string_equal(text, "");
	assert_int_equal(put("other", DOCUMENT_TOOL, "a", "theirs"), 0);
	assert_int_equal(get("k", DOCUMENT_TOOL, "a", text), 0);
	assert_string_equal(text, "one");
}

static void lists_go_from_the_newest_and_end(void **state _unused_)
{
	struct msg_document_ask ask = ask_of("k", DOCUMENT_TOOL, "");
	char text[64];

	for (const char *id = "abcde"; *id; id++)
		assert_int_equal(put_marked("k", DOCUMENT_TOOL, (char[]){*id, 0}, "", "x", *id % 2),
				 0);
	assert_int_equal(put_marked("k", DOCUMENT_TOOL, "z", "a", "x", 0), 0);
	ask.most = 2;
	list(&ask, text);
	assert_string_equal(text, "ed");
	strcpy(ask.id, "d");
	list(&ask, text);
	assert_string_equal(text, "cb");
	strcpy(ask.id, "a");
	list(&ask, text);
	assert_string_equal(text, "");
	ask.id[0] = '\0';
	ask.marked = 1;
	ask.most = 9;
	list(&ask, text);
	assert_string_equal(text, "eca");
	ask.marked = 0;
	strcpy(ask.parent, "a");
	list(&ask, text);
	assert_string_equal(text, "z");
}

static void a_page_of_large_ones_ends_early(void **state _unused_)
{
	struct msg_document_ask ask = ask_of("k", DOCUMENT_TOOL, "");
	char *large = malloc(7 * MIB + 1), text[64];

	memset(large, 'x', 7 * MIB);
	large[7 * MIB] = '\0';
	for (const char *id = "abc"; *id; id++)
		assert_int_equal(put("k", DOCUMENT_TOOL, (char[]){*id, 0}, large), 0);
	free(large);
	list(&ask, text);
	assert_string_equal(text, "cb");
}

static void deleting_takes_children_along(void **state _unused_)
{
	struct msg_document_ask ask = ask_of("k", DOCUMENT_RUNTIME, "r");
	char text[64];

	assert_int_equal(put("k", DOCUMENT_RUNTIME, "r", "x"), 0);
	assert_int_equal(put_marked("k", DOCUMENT_RUNTIME_REVISION, "v", "r", "x", 0), 0);
	assert_int_equal(put_marked("k", DOCUMENT_RUNTIME_REVISION, "w", "s", "x", 0), 0);
	assert_int_equal(store_document_delete(store, &ask, &err), 0);
	assert_int_equal(get("k", DOCUMENT_RUNTIME_REVISION, "v", text), -ERR_NOT_FOUND);
	assert_int_equal(get("k", DOCUMENT_RUNTIME_REVISION, "w", text), 0);
}

/* Numbered from 0, in one go. */
static int put_many(const char *key, enum document_kind kind, unsigned count)
{
	_buf_finish_ struct buf bytes;

	buf_init(&bytes, 8 * MIB);
	for (unsigned i = 0; i < count; i++) {
		struct document document = {.kind = kind};
		snprintf(document.id, sizeof(document.id), "%04u", i);
		assert_int_equal(document_write(&bytes, &document), 0);
	}
	return store_documents_put(store, key, buf_slice(&bytes), &err);
}

static void the_oldest_make_room_or_another_is_refused(void **state _unused_)
{
	char text[64];

	assert_int_equal(put_many("k", DOCUMENT_EXECUTION, 1000), 0);
	assert_int_equal(get("k", DOCUMENT_EXECUTION, "0000", text), 0);
	assert_int_equal(put("k", DOCUMENT_EXECUTION, "1000", "x"), 0);
	assert_int_equal(get("k", DOCUMENT_EXECUTION, "0000", text), -ERR_NOT_FOUND);
	assert_int_equal(get("k", DOCUMENT_EXECUTION, "1000", text), 0);

	assert_int_equal(put_many("k", DOCUMENT_SECRET, 1000), 0);
	assert_int_equal(put("k", DOCUMENT_SECRET, "1000", "x"), -ERR_LIMIT_EXCEEDED);
	assert_int_equal(get("k", DOCUMENT_SECRET, "0000", text), 0);
	assert_int_equal(get("k", DOCUMENT_SECRET, "1000", text), -ERR_NOT_FOUND);
	assert_int_equal(put("k", DOCUMENT_SECRET, "0999", "changed"), 0);
	assert_int_equal(put("other", DOCUMENT_SECRET, "1000", "x"), 0);
}

static void several_are_kept_together_or_not_at_all(void **state _unused_)
{
	struct document good = {.kind = DOCUMENT_TOOL, .id = "a"}, bad = {.kind = DOCUMENT_TOOL};
	_buf_finish_ struct buf bytes;
	char text[64];

	buf_init(&bytes, MIB);
	assert_int_equal(document_write(&bytes, &good), 0);
	assert_int_equal(document_write(&bytes, &bad), 0); /* it has no id */
	assert_int_equal(store_documents_put(store, "k", buf_slice(&bytes), &err), -ERR_PROTOCOL);
	assert_int_equal(get("k", DOCUMENT_TOOL, "a", text), -ERR_NOT_FOUND);
}

/* --- jobs: what is not done with --- */

static void what_is_on_disk_has_the_runs_before_it(void **state _unused_)
{
	const struct msg_record record = {.id = "exe_1"};

	assert_true(store_record(store, &record));
	assert_int_equal(put("k", DOCUMENT_EXECUTION, "a", "not durable"), 0);
	assert_int_equal(store_pending(store), 1);
	assert_int_equal(put("k", DOCUMENT_JOB, "a", "durable"), 0);
	assert_int_equal(store_pending(store), 0);
}

static void one_claims_it_and_another_cannot(void **state _unused_)
{
	struct msg_document_ask ask = ask_of("k", DOCUMENT_JOB, "a");

	assert_int_equal(put_marked("k", DOCUMENT_JOB, "a", "", "x", 1), 0);
	ask.mark_from = 1;
	ask.mark_to = 2;
	assert_int_equal(store_document_claim(store, &ask, &out, &err), 0);
	ask.mark_to = 3;
	assert_int_equal(store_document_claim(store, &ask, &out, &err), -ERR_CONFLICT);
	ask = ask_of("other", DOCUMENT_JOB, "a");
	assert_int_equal(store_document_claim(store, &ask, &out, &err), -ERR_NOT_FOUND);
}

/* The ids of what is recalled behind that id, and the owners, one behind the other. */
static void recall(const char *id, char text[static 64])
{
	struct msg_document_ask ask = ask_of("", DOCUMENT_JOB, id);
	struct document document;
	uint32_t count = 0;

	buf_clear(&out);
	assert_int_equal(store_documents_recall(store, &ask, &out, &count, &err), 0);
	text[0] = '\0';
	for (struct slice rest = buf_slice(&out); document_next(&rest, &document) > 0;)
		snprintf(text + strlen(text), 64 - strlen(text), "%s%s%d", document.id,
			 document.parent, (int)document.mark);
}

static void what_is_marked_is_recalled_of_all_keys_in_order(void **state _unused_)
{
	char text[64];

	assert_int_equal(put_marked("l", DOCUMENT_JOB, "2", "", "x", 1), 0);
	assert_int_equal(put_marked("k", DOCUMENT_JOB, "3", "", "x", 2), 0);
	assert_int_equal(put_marked("k", DOCUMENT_JOB, "1", "", "x", 1), 0);
	assert_int_equal(put_marked("k", DOCUMENT_JOB, "4", "", "x", 0), 0);
	assert_int_equal(put_marked("k", DOCUMENT_TOOL, "5", "", "x", 1), 0);
	recall("", text);
	assert_string_equal(text, "1k12l13k2");
	recall("1", text);
	assert_string_equal(text, "2l13k2");
}

static void jobs_that_wait_make_no_room(void **state _unused_)
{
	char text[64];

	assert_int_equal(put_marked("k", DOCUMENT_JOB, "000", "", "x", 1), 0);
	assert_int_equal(put_many("k", DOCUMENT_JOB, 9999), 0);
	assert_int_equal(put("k", DOCUMENT_JOB, "new", "x"), 0);
	assert_int_equal(get("k", DOCUMENT_JOB, "000", text), 0);
	assert_int_equal(get("k", DOCUMENT_JOB, "0000", text), -ERR_NOT_FOUND);
	assert_int_equal(get("k", DOCUMENT_JOB, "new", text), 0);
}

static void what_has_expired_is_swept_and_nothing_else(void **state _unused_)
{
	static const uint64_t times[] = {0, 100, 101, 99};
	_buf_finish_ struct buf bytes;
	uint32_t count = 0;
	char text[64];

	buf_init(&bytes, MIB);
	for (unsigned i = 0; i < ARRAY_LEN(times); i++) {
		struct document document = {.kind = DOCUMENT_JOB, .expires_ms = times[i]};
		snprintf(document.id, sizeof(document.id), "%u", i);
		assert_int_equal(document_write(&bytes, &document), 0);
	}
	assert_int_equal(store_documents_put(store, "k", buf_slice(&bytes), &err), 0);
	assert_int_equal(store_documents_sweep(store, 100, 10, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(get("k", DOCUMENT_JOB, "0", text), 0);
	assert_int_equal(get("k", DOCUMENT_JOB, "1", text), -ERR_NOT_FOUND);
	assert_int_equal(get("k", DOCUMENT_JOB, "2", text), 0);
	assert_int_equal(get("k", DOCUMENT_JOB, "3", text), -ERR_NOT_FOUND);
}

/* --- sealed --- */

static const char needle[] = "needle in a haystack";

static int find_needle(const char *path, const struct stat *st _unused_, int kind,
		       struct FTW *ftw _unused_)
{
	static char bytes[8 * MIB];
	_close_ int fd = kind == FTW_F ? open(path, O_RDONLY) : -1;
	ssize_t len = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));

	return len > 0 && memmem(bytes, (size_t)len, needle, strlen(needle)) ? 1 : 0;
}

static void put_needle(enum document_kind kind)
{
	struct document document = {
	    .kind = kind, .id = "a", .head = SLICE_LITERAL("{}"), .body = slice_from(needle)};
	_buf_finish_ struct buf bytes;

	buf_init(&bytes, MIB);
	assert_int_equal(document_write(&bytes, &document), 0);
	assert_int_equal(store_documents_put(store, "k", buf_slice(&bytes), &err), 0);
}

static void the_body_of_a_secret_is_nowhere_on_disk(void **state _unused_)
{
	char text[64];

	put_needle(DOCUMENT_SECRET);
	assert_int_equal(nftw(dir, find_needle, 16, FTW_PHYS), 0);
	reopen();
	assert_int_equal(get("k", DOCUMENT_SECRET, "a", text), 0);
	assert_string_equal(text, needle);
	put_needle(DOCUMENT_TOOL); /* and the search can find it */
	assert_int_equal(nftw(dir, find_needle, 16, FTW_PHYS), 1);
}

static void the_key_is_for_its_user_alone(void **state _unused_)
{
	char path[128], text[64];
	struct stat st;

	put_needle(DOCUMENT_SECRET);
	snprintf(path, sizeof(path), "%s/" SEAL_KEY_FILE, dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, SEAL_KEY_BYTES);
	assert_int_equal(chmod(path, 0640), 0);
	reopen();
	assert_int_equal(get("k", DOCUMENT_SECRET, "a", text), -ERR_STORE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(get("k", DOCUMENT_SECRET, "a", text), -ERR_STORE);
}

/* Every bit of what is sealed, and of the name it is sealed under. */
static void what_was_changed_does_not_open(void **state _unused_)
{
	struct seal seal = {.dir_fd = open(dir, O_RDONLY | O_DIRECTORY)};
	_buf_finish_ struct buf sealed, plain;

	buf_init(&sealed, MIB);
	buf_init(&plain, MIB);
	assert_int_equal(seal_close(&seal, slice_from("name"), slice_from("text"), &sealed, &err),
			 0);
	assert_int_equal(seal_open(&seal, slice_from("name"), buf_slice(&sealed), &plain, &err), 0);
	assert_true(slice_equal(buf_slice(&plain), slice_from("text")));
	assert_int_equal(seal_open(&seal, slice_from("nam"), buf_slice(&sealed), &plain, &err),
			 -ERR_STORE);
	for (size_t i = 0; i < sealed.len * 8; i++) {
		sealed.data[i / 8] = (char)(sealed.data[i / 8] ^ 1 << i % 8);
		assert_int_equal(
		    seal_open(&seal, slice_from("name"), buf_slice(&sealed), &plain, &err),
		    -ERR_STORE);
		sealed.data[i / 8] = (char)(sealed.data[i / 8] ^ 1 << i % 8);
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(seal_open(&seal, slice_from("name"),
					   (struct slice){sealed.data, len}, &plain, &err),
				 -ERR_STORE);
	assert_true(slice_equal(buf_slice(&plain), slice_from("text")));
	close(seal.dir_fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_document_stays_and_is_replaced),
	    TEST(it_is_its_owners_alone_and_of_its_kind),
	    TEST(lists_go_from_the_newest_and_end),
	    TEST(a_page_of_large_ones_ends_early),
	    TEST(deleting_takes_children_along),
	    TEST(the_oldest_make_room_or_another_is_refused),
	    TEST(several_are_kept_together_or_not_at_all),
	    TEST(what_is_on_disk_has_the_runs_before_it),
	    TEST(one_claims_it_and_another_cannot),
	    TEST(what_is_marked_is_recalled_of_all_keys_in_order),
	    TEST(jobs_that_wait_make_no_room),
	    TEST(what_has_expired_is_swept_and_nothing_else),
	    TEST(the_body_of_a_secret_is_nowhere_on_disk),
	    TEST(the_key_is_for_its_user_alone),
	    TEST(what_was_changed_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
