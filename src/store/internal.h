/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. */
#ifndef SG_STORE_INTERNAL_H
#define SG_STORE_INTERNAL_H

#include <sqlite3.h>

#include "store/seal.h"
#include "store/store.h"

struct store {
	sqlite3 *db;
	sqlite3_stmt *insert_run, *trim_runs, *data_version;
	sqlite3_int64 seen_version; /* of data_version, see store_changed */
	struct msg_record *pending; /* STORE_BACKLOG_ROWS places, committed in order */
	size_t pending_count;
	struct seal seal;
};

/*
 * Fills err with what was tried and SQLite's reason; returns -ERR_STORE, or -ERR_AGAIN if
 * waiting may help.
 */
int store_fail(struct store *store, struct err *err, const char *what);
/* Runs SQL without results. 0 or as store_fail. */
int store_exec(struct store *store, const char *sql, struct err *err);
/* Compiles SQL. 0 or as store_fail. */
int store_prepare(struct store *store, sqlite3_stmt **ret_stmt, const char *sql, struct err *err);
/* Brings the schema to the newest version. */
int store_migrate(struct store *store, struct err *err);

static inline void stmt_finish(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}
#define _stmt_ __attribute__((cleanup(stmt_finish)))

#endif
