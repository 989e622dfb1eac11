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
	int packs_fd;
	uint64_t sessions_most, pack_bytes_most; /* of one key */
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

struct document;

/* --- packs.c --- */

/* Whether documents of that kind have a struct pack_list as body. */
bool packs_are_of(uint32_t kind);
/* In the transaction that has put the document: 0, -ERR_NOT_FOUND (a pack is missing), -ERR_LIMIT_EXCEEDED, ... */
int packs_refer(struct store *store, const char *key_id, const struct document *document, bool durable, struct err *err);
/* After documents have changed or gone. */
void packs_remove_gone(struct store *store);

static inline void stmt_finish(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}
#define _stmt_ __attribute__((cleanup(stmt_finish)))

#endif
