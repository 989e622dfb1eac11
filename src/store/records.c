/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per finished run, committed in groups: a transaction for each would cost more than
 * the run.
 */
#include "store/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/*
 * That one is lost may be told more than once, by a front that does not know whether it was heard
 * or by the next one. The number is written out for the index.
 */
#define LOST "1002"
static_assert(RECORD_LOST == 1002, "as in the statement and in the schema");

static const char insert_sql[] =
    "INSERT INTO runs (id, key_id, language, version, source_hash, status, exit_code, finished_ms,"
    " wall_ns, cpu_ns, memory_peak_bytes, stdout_bytes, stderr_bytes)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 WHERE ?6 <> " LOST
    " OR NOT EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND status = " LOST " AND key_id = ?2)";

/* Numbers only grow, so the oldest rows are the first of the table and leave without a search. */
static const char trim_sql[] =
    "DELETE FROM runs WHERE number <= (SELECT max(number) FROM runs) - ?1";

/* The sender is less trusted and its texts may come without their NUL. */
static void bind_text(sqlite3_stmt *stmt, int place, const char *text, size_t cap)
{
	sqlite3_bind_text(stmt, place, text, (int)strnlen(text, cap), SQLITE_STATIC);
}

static const char runs_sql[] = "SELECT number, id, key_id, language, version, source_hash, status, "
			       "exit_code, finished_ms, wall_ns,"
			       " cpu_ns, memory_peak_bytes, stdout_bytes, stderr_bytes FROM runs"
			       " WHERE number > ?1 AND (?2 = '' OR key_id = ?2) AND finished_ms >= "
			       "?3 ORDER BY number LIMIT ?4";

static void read_text(sqlite3_stmt *stmt, int column, char *out, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, cap, "%s", text ? text : "");
}

static void read_run(sqlite3_stmt *stmt, struct audit_run *run)
{
	struct msg_record *record = &run->record;
	const void *hash = sqlite3_column_blob(stmt, 5);

	memset(run, 0, sizeof(*run));
	run->row = (uint64_t)sqlite3_column_int64(stmt, 0);
	read_text(stmt, 1, record->id, sizeof(record->id));
	read_text(stmt, 2, record->key_id, sizeof(record->key_id));
	read_text(stmt, 3, record->language, sizeof(record->language));
	read_text(stmt, 4, record->version, sizeof(record->version));
	if (hash && sqlite3_column_bytes(stmt, 5) == sizeof(record->source_hash))
		memcpy(record->source_hash, hash, sizeof(record->source_hash));
	record->status = (uint32_t)sqlite3_column_int64(stmt, 6);
	record->exit_code = sqlite3_column_int(stmt, 7);
	record->finished_ms = (uint64_t)sqlite3_column_int64(stmt, 8);
	record->wall_ns = (uint64_t)sqlite3_column_int64(stmt, 9);
	record->cpu_ns = (uint64_t)sqlite3_column_int64(stmt, 10);
	record->memory_peak_bytes = (uint64_t)sqlite3_column_int64(stmt, 11);
	record->stdout_bytes = (uint64_t)sqlite3_column_int64(stmt, 12);
	record->stderr_bytes = (uint64_t)sqlite3_column_int64(stmt, 13);
}

int store_runs(struct store *store, const struct msg_runs_ask *ask,
	       bool (*fn)(const struct audit_run *run, void *ctx), void *ctx, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	struct audit_run run;
	int step = SQLITE_ROW, rc = store_prepare(store, &stmt, runs_sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)MIN_OF(ask->after, (uint64_t)INT64_MAX));
	bind_text(stmt, 2, ask->key_id, sizeof(ask->key_id));
	sqlite3_bind_int64(stmt, 3, (sqlite3_int64)MIN_OF(ask->since_ms, (uint64_t)INT64_MAX));
	sqlite3_bind_int64(stmt, 4, ask->most);
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_run(stmt, &run);
		if (!fn(&run, ctx))
			return 0;
	}
	return step == SQLITE_DONE ? 0 : store_fail(store, err, "Reading");
}

bool store_record(struct store *store, const struct msg_record *record)
{
	if (!store->pending)
		store->pending = calloc(STORE_BACKLOG_ROWS, sizeof(*store->pending));
	if (!store->pending || store->pending_count == STORE_BACKLOG_ROWS)
		return false;
	store->pending[store->pending_count++] = *record;
	return true;
}

size_t store_pending(const struct store *store)
{
	return store->pending_count;
}

static void bind_record(sqlite3_stmt *stmt, const struct msg_record *record)
{
	const sqlite3_int64 numbers[] = {
	    record->status,
	    record->exit_code,
	    (sqlite3_int64)record->finished_ms,
	    (sqlite3_int64)record->wall_ns,
	    (sqlite3_int64)record->cpu_ns,
	    (sqlite3_int64)record->memory_peak_bytes,
	    (sqlite3_int64)record->stdout_bytes,
	    (sqlite3_int64)record->stderr_bytes,
	};

	bind_text(stmt, 1, record->id, sizeof(record->id));
	bind_text(stmt, 2, record->key_id, sizeof(record->key_id));
	bind_text(stmt, 3, record->language, sizeof(record->language));
	bind_text(stmt, 4, record->version, sizeof(record->version));
	sqlite3_bind_blob(stmt, 5, record->source_hash, sizeof(record->source_hash), SQLITE_STATIC);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sqlite3_bind_int64(stmt, 6 + (int)i, numbers[i]);
}

static int step_and_reset(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt) == SQLITE_DONE ? 0 : store_fail(store, err, "Writing");

	sqlite3_reset(stmt);
	return rc;
}

static int prepare_once(struct store *store, struct err *err)
{
	int rc = 0;

	if (!store->insert_run)
		rc = store_prepare(store, &store->insert_run, insert_sql, err);
	if (rc == 0 && !store->trim_runs)
		rc = store_prepare(store, &store->trim_runs, trim_sql, err);
	return rc;
}

static int write_group(struct store *store, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < store->pending_count; i++) {
		bind_record(store->insert_run, &store->pending[i]);
		rc = step_and_reset(store, store->insert_run, err);
	}
	if (rc < 0)
		return rc;
	sqlite3_bind_int64(store->trim_runs, 1, STORE_RUNS_MAX);
	rc = step_and_reset(store, store->trim_runs, err);
	return rc < 0 ? rc : store_exec(store, "COMMIT", err);
}

int store_commit(struct store *store, struct err *err)
{
	int rc = prepare_once(store, err);

	if (rc == 0)
		rc = store_exec(store, "BEGIN IMMEDIATE", err);
	if (rc < 0)
		return rc;
	rc = write_group(store, err);
	if (rc < 0)
		/* SQLite may have rolled back by itself (disk full); a second time is harmless. */
		store_exec(store, "ROLLBACK", NULL);
	else
		store->pending_count = 0;
	return rc;
}
