/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/util.h"

#define BUSY_MS 2000 /* others hold the file for the length of one small transaction */

int store_fail(struct store *store, struct err *err, const char *what)
{
	int code = sqlite3_errcode(store->db) & 0xff;
	bool passing = code == SQLITE_BUSY || code == SQLITE_FULL;

	return err_set(err, passing ? ERR_AGAIN : ERR_STORE, "%s the database %s failed: %s.", what,
		       sqlite3_db_filename(store->db, "main"), sqlite3_errmsg(store->db));
}

int store_exec(struct store *store, const char *sql, struct err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return store_fail(store, err, "Writing");
}

int store_prepare(struct store *store, sqlite3_stmt **ret_stmt, const char *sql, struct err *err)
{
	if (sqlite3_prepare_v2(store->db, sql, -1, ret_stmt, NULL) == SQLITE_OK)
		return 0;
	return store_fail(store, err, "Reading");
}

/*
 * quick_check of keys only: the table that decides who may enter is small, the table of runs
 * may not be.
 */
static int check_keys(struct store *store, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, "PRAGMA quick_check(keys)", err);

	if (rc < 0)
		return rc;
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return store_fail(store, err, "Checking");
	const char *verdict = (const char *)sqlite3_column_text(stmt, 0);
	if (verdict && sqlite3_stricmp(verdict, "ok") == 0)
		return 0;
	return err_set(err, ERR_STORE,
		       "The database %s is damaged; restore it from a copy or move it away.",
		       sqlite3_db_filename(store->db, "main"));
}

static int set_up(struct store *store, struct err *err)
{
	int rc = store_exec(store,
			    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			    "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;"
			    "PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 16777216;",
			    err);

	if (rc == 0)
		rc = store_migrate(store, err);
	if (rc == 0)
		rc = check_keys(store, err);
	if (rc == 0)
		rc = store_prepare(store, &store->data_version, "PRAGMA data_version", err);
	return rc;
}

static int open_file(struct store *store, const char *dir, struct err *err)
{
	char path[4096];
	int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

	if (snprintf(path, sizeof(path), "%s/%s", dir, STORE_FILE) >= (int)sizeof(path))
		return err_set(
		    err, ERR_STORE,
		    "The path of the state directory is too long; choose a shorter state_dir.");
	int rc = sqlite3_open_v2(path, &store->db, flags, NULL);
	if (rc != SQLITE_OK)
		return err_set(err, ERR_STORE, "Opening the database %s failed: %s.", path,
			       store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc));
	store->seal.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->seal.dir_fd < 0)
		return err_set(err, ERR_STORE, "Opening %s failed: %s.", dir, strerror(errno));
	sqlite3_busy_timeout(store->db, BUSY_MS);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return set_up(store, err);
}

int store_open(struct store **ret_store, const char *dir, struct err *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	store->seal.dir_fd = store->packs_fd = -1;
	store->sessions_most = store->pack_bytes_most = INT64_MAX;
	int rc = open_file(store, dir, err);
	if (rc < 0) {
		store_close(store);
		return rc == -ERR_AGAIN ? -ERR_STORE : rc;
	}
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->pending_count)
		store_commit(store, NULL);
	sqlite3_finalize(store->insert_run);
	sqlite3_finalize(store->trim_runs);
	sqlite3_finalize(store->data_version);
	sqlite3_close(store->db);
	fd_close(store->seal.dir_fd);
	fd_close(store->packs_fd);
	explicit_bzero(&store->seal, sizeof(store->seal));
	free(store->pending);
	free(store);
}

void store_set_limits(struct store *store, uint64_t sessions_most, uint64_t pack_bytes_most)
{
	store->sessions_most = sessions_most;
	store->pack_bytes_most = pack_bytes_most;
}

int store_changed(struct store *store, bool *ret_changed, struct err *err)
{
	if (sqlite3_step(store->data_version) != SQLITE_ROW) {
		sqlite3_reset(store->data_version);
		return store_fail(store, err, "Reading");
	}
	sqlite3_int64 version = sqlite3_column_int64(store->data_version, 0);
	sqlite3_reset(store->data_version);
	*ret_changed = version != store->seen_version;
	store->seen_version = version;
	return 0;
}
