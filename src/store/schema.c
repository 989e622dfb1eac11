/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema as the list of its changes: migration n brings a database of user_version n-1 to n.
 * Those that have been released are never edited; a new column is a new line at the end.
 */
#include "base/util.h"
#include "store/internal.h"

static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE keys ("
    " id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
    " name TEXT NOT NULL, created_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL DEFAULT 0,"
    " change INTEGER NOT NULL UNIQUE,"
    " rate_per_minute INTEGER NOT NULL, concurrent_runs INTEGER NOT NULL, wall_time_ms INTEGER NOT "
    "NULL,"
    " cpu_time_ms INTEGER NOT NULL, memory_bytes INTEGER NOT NULL, disk_bytes INTEGER NOT NULL,"
    " processes INTEGER NOT NULL, output_bytes INTEGER NOT NULL, cpu_milli INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE runs ("
    " number INTEGER PRIMARY KEY, id TEXT NOT NULL, key_id TEXT NOT NULL, language TEXT NOT NULL,"
    " version TEXT NOT NULL, source_hash BLOB NOT NULL, status INTEGER NOT NULL, exit_code INTEGER "
    "NOT NULL,"
    " finished_ms INTEGER NOT NULL, wall_ns INTEGER NOT NULL, cpu_ns INTEGER NOT NULL,"
    " memory_peak_bytes INTEGER NOT NULL, stdout_bytes INTEGER NOT NULL, stderr_bytes INTEGER NOT "
    "NULL"
    ") STRICT;",
    /* 2 */
    "ALTER TABLE keys ADD COLUMN artifacts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE keys ADD COLUMN artifact_bytes INTEGER NOT NULL DEFAULT 0;",
    /* 3: one index finds a document, the other makes lists and totals without a look at the rows */
    "CREATE TABLE documents ("
    " number INTEGER PRIMARY KEY, key_id TEXT NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL,"
    " parent TEXT NOT NULL, mark INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, sealed INTEGER NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX documents_id ON documents (key_id, kind, id);"
    "CREATE INDEX documents_list ON documents (key_id, kind, parent, id, mark, bytes);",
    /* 4: what is not for ever, and what is not done with, without a look at the rest */
    "ALTER TABLE documents ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX documents_expiry ON documents (expires_ms) WHERE expires_ms > 0;"
    "CREATE INDEX documents_marked ON documents (kind, id) WHERE mark <> 0;"
    "CREATE INDEX runs_of_key ON runs (key_id, number);",
    /* 5: which documents refer to which packs; what lost a reference may have lost its last */
    "CREATE TABLE pack_refs ("
    " document INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32), bytes INTEGER NOT NULL,"
    " key_id TEXT NOT NULL, PRIMARY KEY (document, hash)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX pack_refs_hash ON pack_refs (hash);"
    "CREATE TABLE pack_totals (key_id TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE packs_gone (hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER documents_gone AFTER DELETE ON documents BEGIN"
    " DELETE FROM pack_refs WHERE document = old.number; END;"
    "CREATE TRIGGER pack_refs_new AFTER INSERT ON pack_refs BEGIN"
    " INSERT INTO pack_totals (key_id, bytes) VALUES (new.key_id, new.bytes)"
    " ON CONFLICT (key_id) DO UPDATE SET bytes = bytes + new.bytes; END;"
    "CREATE TRIGGER pack_refs_gone AFTER DELETE ON pack_refs BEGIN"
    " UPDATE pack_totals SET bytes = bytes - old.bytes WHERE key_id = old.key_id;"
    " INSERT OR IGNORE INTO packs_gone (hash) VALUES (old.hash); END;",
    /* 6: that one was lost is said once */
    "CREATE INDEX runs_lost ON runs (id) WHERE status = 1002;",
};

static int version_get(struct store *store, int *ret_version, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, "PRAGMA user_version", err);

	if (rc < 0)
		return rc;
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return store_fail(store, err, "Reading the version of");
	*ret_version = sqlite3_column_int(stmt, 0);
	return 0;
}

static int migrate_from(struct store *store, int version, struct err *err)
{
	char pragma[64];
	int rc = 0;

	if (version < 0 || (size_t)version > ARRAY_LEN(migrations))
		return err_set(
		    err, ERR_STORE,
		    "The database has version %d, this program knows %zu; use the newer program.",
		    version, ARRAY_LEN(migrations));
	for (size_t i = (size_t)version; rc == 0 && i < ARRAY_LEN(migrations); i++)
		rc = store_exec(store, migrations[i], err);
	if (rc < 0 || (size_t)version == ARRAY_LEN(migrations))
		return rc;
	sqlite3_snprintf(sizeof(pragma), pragma, "PRAGMA user_version = %d",
			 (int)ARRAY_LEN(migrations));
	return store_exec(store, pragma, err);
}

/*
 * IMMEDIATE: two processes that open an old database at once take turns, and one that cannot be
 * written fails here.
 */
int store_migrate(struct store *store, struct err *err)
{
	int version = 0;
	int rc = store_exec(store, "BEGIN IMMEDIATE", err);

	if (rc < 0)
		return rc;
	rc = version_get(store, &version, err);
	if (rc == 0)
		rc = migrate_from(store, version, err);
	if (rc == 0)
		return store_exec(store, "COMMIT", err);
	store_exec(store, "ROLLBACK", NULL);
	return rc;
}
