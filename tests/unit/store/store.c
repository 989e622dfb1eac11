/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "store/store.h"

/* --- a directory for each test, and a second connection that looks at what is on disk --- */

static int remove_one(const char *path, const struct stat *st _unused_, int kind _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int set_up(void **state)
{
	char *dir = strdup("/tmp/sandglass-store-XXXXXX");

	*state = dir;
	return dir && mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	int rc = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return rc;
}

static struct store *open_or_fail(const char *dir)
{
	struct store *store = NULL;
	struct err err = {0};

	if (store_open(&store, dir, &err) < 0)
		fail_msg("store_open: %s", err.text);
	return store;
}

static long long query(const char *dir, const char *sql)
{
	char path[256];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	snprintf(path, sizeof(path), "%s/%s", dir, STORE_FILE);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	long long value = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return value;
}

struct seen {
	struct store_key keys[8];
	unsigned count;
};

static bool see(const struct store_key *key, void *ctx)
{
	struct seen *seen = ctx;

	seen->keys[seen->count++] = *key;
	return seen->count < ARRAY_LEN(seen->keys);
}

static struct seen keys_since(struct store *store, uint64_t change, unsigned most)
{
	struct seen seen = {.count = 0};

	assert_int_equal(store_keys_since(store, change, most, see, &seen, NULL), 0);
	return seen;
}

static struct store_key create(struct store *store, const char *name)
{
	struct key_limits limits = {.memory_bytes = 7};
	struct store_key key;
	char text[KEY_TEXT_BYTES];

	assert_int_equal(store_key_create(store, name, &limits, text, &key, NULL), 0);
	return key;
}

/* --- keys --- */

static void a_key_survives_reopening_with_all_its_limits(void **state)
{
	const struct key_limits limits = {UINT64_MAX, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
	struct store *store = open_or_fail(*state);
	struct store_key made;
	char text[KEY_TEXT_BYTES];
	uint8_t hash[KEY_HASH_BYTES];

	assert_int_equal(store_key_create(store, "ci runner", &limits, text, &made, NULL), 0);
	store_close(store);
	store = open_or_fail(*state);
	struct seen seen = keys_since(store, 0, 8);
	assert_int_equal(seen.count, 1);
	const struct store_key *key = &seen.keys[0];
	assert_string_equal(key->key.id, made.key.id);
	assert_string_equal(key->key.name, "ci runner");
	assert_memory_equal(&key->key.limits, &limits, sizeof(limits));
	assert_int_equal(key->key.revoked, 0);
	assert_int_equal(key->created_ms, made.created_ms);
	assert_int_equal(key_text_hash(slice_from(text), hash), 0);
	assert_memory_equal(key->key.hash, hash, sizeof(hash));
	store_close(store);
}

static void the_text_of_a_key_is_nowhere_on_disk(void **state)
{
	struct store *store = open_or_fail(*state);
	struct key_limits limits = {0};
	struct store_key key;
	char text[KEY_TEXT_BYTES], path[256];
	static char content[1 << 20];

	assert_int_equal(store_key_create(store, "", &limits, text, &key, NULL), 0);
	store_close(store);
	snprintf(path, sizeof(path), "%s/%s", (char *)*state, STORE_FILE);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t len = fread(content, 1, sizeof(content), file);
	fclose(file);
	assert_non_null(memmem(content, len, key.key.id, strlen(key.key.id)));
	assert_null(memmem(content, len, text + 3, 16));
}

static void revoking_is_a_change_once(void **state)
{
	struct store *store = open_or_fail(*state);
	struct store_key a = create(store, "a"), b = create(store, "b");
	uint32_t valid = 0;

	assert_int_equal(keys_since(store, 0, 8).count, 2);
	assert_int_equal(store_keys_valid(store, &valid, NULL), 0);
	assert_int_equal(valid, 2);
	assert_int_equal(store_key_revoke(store, a.key.id, NULL), 0);
	assert_int_equal(store_keys_valid(store, &valid, NULL), 0);
	assert_int_equal(valid, 1);
	struct seen seen = keys_since(store, 2, 8);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.keys[0].key.id, a.key.id);
	assert_int_equal(seen.keys[0].key.revoked, 1);
	assert_true(seen.keys[0].revoked_ms >= a.created_ms);
	assert_int_equal(store_key_revoke(store, a.key.id, NULL), 0);
	assert_int_equal(keys_since(store, seen.keys[0].change, 8).count, 0);
	seen = keys_since(store, 0, 8);
	assert_string_equal(seen.keys[0].key.id, b.key.id);
	assert_int_equal(seen.keys[0].key.revoked, 0);
	store_close(store);
}

static void revoking_an_unknown_key_says_so(void **state)
{
	struct store *store = open_or_fail(*state);
	struct err err = {0};

	assert_int_equal(store_key_revoke(store, "key_none", &err), -ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "keys list"));
	store_close(store);
}

static void names_are_checked(void **state)
{
	static const struct {
		const char *name;
		int rc;
	} rows[] = {
	    {"", 0},
	    {"with space and \xc3\xa9", 0},
	    {"0123456789012345678901234567890123456789012345678901234567890"
	     "12",
	     0},
	    {"0123456789012345678901234567890123456789012345678901234567890"
	     "123",
	     -ERR_INVALID_FIELD},
	    {"two\nlines", -ERR_INVALID_FIELD},
	    {"esc\x1b[2J", -ERR_INVALID_FIELD},
	};
	struct store *store = open_or_fail(*state);
	const struct key_limits limits = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[KEY_TEXT_BYTES];
		struct store_key key;
		assert_int_equal(store_key_create(store, rows[i].name, &limits, text, &key, NULL),
				 rows[i].rc);
	}
	store_close(store);
}

static void keys_come_in_pages(void **state)
{
	struct store *store = open_or_fail(*state);

	for (int i = 0; i < 5; i++)
		create(store, "n");
	struct seen first = keys_since(store, 0, 3);
	assert_int_equal(first.count, 3);
	struct seen rest = keys_since(store, first.keys[2].change, 3);
	assert_int_equal(rest.count, 2);
	store_close(store);
}

static void a_change_by_another_process_is_noticed(void **state)
{
	struct store *server = open_or_fail(*state), *cli = open_or_fail(*state);
	const struct msg_record record = {.id = "exe_1"};
	bool changed = false;

	assert_int_equal(store_changed(server, &changed, NULL), 0);
	assert_int_equal(store_changed(server, &changed, NULL), 0);
	assert_false(changed);
	create(cli, "new");
	assert_int_equal(store_changed(server, &changed, NULL), 0);
	assert_true(changed);
	assert_true(store_record(server, &record));
	assert_int_equal(store_commit(server, NULL), 0);
	assert_int_equal(store_changed(server, &changed, NULL), 0);
	assert_false(changed); /* its own commits do not count */
	store_close(cli);
	store_close(server);
}

/* --- runs --- */

static void a_group_of_runs_is_committed_at_once(void **state)
{
	struct store *store = open_or_fail(*state);
	struct msg_record record = {.id = "exe_1",
				    .key_id = "key_1",
				    .language = "python",
				    .version = "3.13",
				    .status = 2,
				    .exit_code = -1,
				    .finished_ms = 1700000000000,
				    .wall_ns = 123456789};

	for (int i = 0; i < 300; i++)
		assert_true(store_record(store, &record));
	assert_int_equal(store_pending(store), 300);
	assert_int_equal(query(*state, "SELECT count(*) FROM runs"), 0);
	assert_int_equal(store_commit(store, NULL), 0);
	assert_int_equal(store_pending(store), 0);
	assert_int_equal(query(*state, "SELECT count(*) FROM runs"), 300);
	assert_int_equal(query(*state, "SELECT wall_ns FROM runs WHERE exit_code = -1"), 123456789);
	store_close(store);
}

static void that_one_is_lost_is_said_once_of_each(void **state)
{
	static const struct {
		const char *id, *key_id;
		uint32_t status;
		int rows; /* behind it */
	} cases[] = {
	    {"exe_1", "key_1", RECORD_LOST, 1}, {"exe_1", "key_1", RECORD_LOST, 1},
	    {"exe_1", "key_1", 0, 2},		{"exe_1", "key_1", 0, 3},
	    {"exe_2", "key_1", RECORD_LOST, 4}, {"exe_1", "key_2", RECORD_LOST, 5},
	    {"exe_1", "key_1", RECORD_LOST, 5},
	};
	struct store *store = open_or_fail(*state);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct msg_record record = {.status = cases[i].status};
		snprintf(record.id, sizeof(record.id), "%s", cases[i].id);
		snprintf(record.key_id, sizeof(record.key_id), "%s", cases[i].key_id);
		assert_true(store_record(store, &record));
		assert_int_equal(store_commit(store, NULL), 0);
		assert_int_equal(query(*state, "SELECT count(*) FROM runs"), cases[i].rows);
	}
	store_close(store);
}

static void pending_runs_are_committed_by_close(void **state)
{
	struct store *store = open_or_fail(*state);
	const struct msg_record record = {.id = "exe_1"};

	assert_true(store_record(store, &record));
	store_close(store);
	assert_int_equal(query(*state, "SELECT count(*) FROM runs"), 1);
}

static void texts_without_their_nul_are_cut(void **state)
{
	struct store *store = open_or_fail(*state);
	struct msg_record record;

	memset(&record, 'x', sizeof(record));
	assert_true(store_record(store, &record));
	assert_int_equal(store_commit(store, NULL), 0);
	assert_int_equal(query(*state, "SELECT length(id) FROM runs"), KEY_ID_BYTES);
	assert_int_equal(query(*state, "SELECT length(language) FROM runs"), MSG_NAME_BYTES);
	store_close(store);
}

static void a_locked_file_keeps_the_group_and_the_backlog_is_bounded(void **state)
{
	struct store *store = open_or_fail(*state);
	const struct msg_record record = {.id = "exe_1"};
	char path[256];
	sqlite3 *other = NULL;

	snprintf(path, sizeof(path), "%s/%s", (char *)*state, STORE_FILE);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < STORE_BACKLOG_ROWS; i++)
		assert_true(store_record(store, &record));
	assert_false(store_record(store, &record));
	assert_int_equal(store_commit(store, NULL), -ERR_AGAIN);
	assert_int_equal(store_pending(store), STORE_BACKLOG_ROWS);
	sqlite3_close(other);
	assert_int_equal(store_commit(store, NULL), 0);
	assert_int_equal(query(*state, "SELECT count(*) FROM runs"), STORE_BACKLOG_ROWS);
	store_close(store);
}

static void the_oldest_runs_make_room(void **state)
{
	struct store *store = open_or_fail(*state);
	const struct msg_record record = {.id = "exe_1"};

	assert_true(store_record(store, &record));
	assert_int_equal(store_commit(store, NULL), 0);
	query(*state, "UPDATE runs SET number = 5");
	query(*state,
	      "INSERT INTO runs SELECT 5 + 1000000, id, key_id, language, version, source_hash, "
	      "status,"
	      " exit_code, finished_ms, wall_ns, cpu_ns, memory_peak_bytes, 0, 0 FROM runs");
	assert_true(store_record(store, &record));
	assert_int_equal(store_commit(store, NULL), 0);
	assert_int_equal(query(*state, "SELECT min(number) FROM runs"), 5 + STORE_RUNS_MAX);
	assert_int_equal(query(*state, "SELECT count(*) FROM runs"), 2);
	store_close(store);
}

/* --- files --- */

static void expect_refused(const char *dir, const char *words)
{
	struct store *store = NULL;
	struct err err = {0};

	assert_int_equal(store_open(&store, dir, &err), -ERR_STORE);
	assert_null(store);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
}

static void write_file(const char *dir, const char *name, const char *content, long at)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, at ? "r+" : "w");
	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	fputs(content, file);
	fclose(file);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	write_file(*state, STORE_FILE,
		   "this is not a database, but long enough to look at: " __FILE__, 0);
	expect_refused(*state, "not a database");
}

static void a_damaged_table_of_keys_is_refused(void **state)
{
	static char junk[4097];
	struct store *store = open_or_fail(*state);

	create(store, "a");
	store_close(store);
	/* page 2 is the root of keys: WITHOUT ROWID, so its index is the table */
	memset(junk, 'J', 4096);
	write_file(*state, STORE_FILE, junk, 4096);
	expect_refused(*state, "is damaged");
}

static void a_newer_database_is_refused(void **state)
{
	store_close(open_or_fail(*state));
	query(*state, "PRAGMA user_version = 999");
	expect_refused(*state, "newer program");
}

static void opening_twice_migrates_once(void **state)
{
	store_close(open_or_fail(*state));
	assert_int_equal(query(*state, "PRAGMA user_version"), 6);
	store_close(open_or_fail(*state));
	assert_int_equal(query(*state, "PRAGMA user_version"), 6);
}

static void a_missing_directory_is_refused(void **state _unused_)
{
	expect_refused("/nonexistent/sandglass", "unable to open");
}

static void the_directory_is_closed_to_others(void **state)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/a/b", (char *)*state);
	assert_int_equal(store_dir_prepare(path, geteuid(), getegid(), NULL), 0);
	assert_int_equal(store_dir_prepare(path, geteuid(), getegid(), NULL), 0);
	strcat(path, "/" STORE_SUBDIR);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(st.st_uid, geteuid());
}

static void links_in_the_directory_are_not_followed(void **state)
{
	static const char *const names[] = {STORE_FILE, STORE_FILE "-wal", STORE_FILE "-shm"};
	char dir[256], path[512], victim[256];

	snprintf(victim, sizeof(victim), "%s/victim", (char *)*state);
	write_file(*state, "victim", "x", 0);
	assert_int_equal(store_dir_prepare(*state, geteuid(), getegid(), NULL), 0);
	snprintf(dir, sizeof(dir), "%s/" STORE_SUBDIR, (char *)*state);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(symlink(victim, path), 0);
		assert_int_equal(store_dir_prepare(*state, geteuid(), getegid(), NULL), -ERR_IO);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(link(victim, path), 0);
		assert_int_equal(store_dir_prepare(*state, geteuid(), getegid(), NULL), -ERR_IO);
		assert_int_equal(unlink(path), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_key_survives_reopening_with_all_its_limits),
	    TEST(the_text_of_a_key_is_nowhere_on_disk),
	    TEST(revoking_is_a_change_once),
	    TEST(revoking_an_unknown_key_says_so),
	    TEST(names_are_checked),
	    TEST(keys_come_in_pages),
	    TEST(a_change_by_another_process_is_noticed),
	    TEST(a_group_of_runs_is_committed_at_once),
	    TEST(that_one_is_lost_is_said_once_of_each),
	    TEST(pending_runs_are_committed_by_close),
	    TEST(texts_without_their_nul_are_cut),
	    TEST(a_locked_file_keeps_the_group_and_the_backlog_is_bounded),
	    TEST(the_oldest_runs_make_room),
	    TEST(a_file_that_is_no_database_is_refused),
	    TEST(a_damaged_table_of_keys_is_refused),
	    TEST(a_newer_database_is_refused),
	    TEST(opening_twice_migrates_once),
	    TEST(a_missing_directory_is_refused),
	    TEST(the_directory_is_closed_to_others),
	    TEST(links_in_the_directory_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
