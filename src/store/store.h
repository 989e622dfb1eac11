/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the server: API keys, and one row per finished run, in one SQLite file (WAL). The
 * store role keeps it open; the command line opens the same file, as the same user, to change keys.
 * A change to a key is on disk before the call returns; runs are committed in groups and the last
 * group may be lost with the power.
 */
#ifndef SG_STORE_STORE_H
#define SG_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "ipc/messages.h"
#include "store/key_text.h"

#define STORE_FILE	  "sandglass.db"
#define STORE_SUBDIR	  "db" /* below state_dir: nothing else lives there */
#define STORE_COMMIT_ROWS 256  /* a group of runs is committed at this size */
#define STORE_COMMIT_MS	  20   /* or at this age: the role's timer */
#define STORE_BACKLOG_ROWS                                                                         \
	16384 /* kept while the disk is full or the file is locked; more are lost */
#define STORE_RUNS_MAX 1000000 /* rows kept in runs, the newest */

struct store;

struct store_key {
	struct msg_key key;
	uint64_t created_ms, revoked_ms; /* wall clock; revoked_ms 0: valid */
	uint64_t change;		 /* place in the order of all changes to keys */
};

/* --- the directory --- */

/*
 * Makes state_dir/db, mode 0700, its database files' and its own owner uid:gid; needs root unless
 * they are the caller's own already. 0 or -ERR_IO.
 */
int store_dir_prepare(const char *state_dir, uid_t uid, gid_t gid, struct err *err);
/*
 * Makes state_dir/db the working directory (and the root, for root) and the process its owner, for
 * good, so that no file of the database ever belongs to root. Makes the directory if it is missing;
 * then open ".". 0, -ERR_FORBIDDEN or -ERR_IO.
 */
int store_dir_enter(const char *state_dir, struct err *err);

/* --- the database --- */

/* Opens dir/STORE_FILE, made if missing, brought up to date. 0 or -ERR_STORE. */
int store_open(struct store **ret_store, const char *dir, struct err *err);
/* Of one key: sessions, and bytes of all its packs together. Without it there is no limit. */
void store_set_limits(struct store *store, uint64_t sessions_most, uint64_t pack_bytes_most);
/* Commits what is pending, as far as the disk lets it. */
void store_close(struct store *store);

/*
 * A new key; the text is given out here and never again. name: at most 63 printable bytes, may be
 * "". 0, -ERR_INVALID_FIELD, -ERR_STORE or -ERR_IO.
 */
int store_key_create(struct store *store, const char *name, const struct key_limits *limits,
		     char ret_text[static KEY_TEXT_BYTES], struct store_key *ret_key,
		     struct err *err);
/* 0 (also when it was revoked before), -ERR_NOT_FOUND or -ERR_STORE. */
int store_key_revoke(struct store *store, const char *id, struct err *err);
/*
 * Calls fn for at most `most` keys whose change is above `change`, in that order; 0 gives all.
 * Stops early when fn returns false. 0 or -ERR_STORE.
 */
int store_keys_since(struct store *store, uint64_t change, unsigned most,
		     bool (*fn)(const struct store_key *key, void *ctx), void *ctx,
		     struct err *err);
/* How many keys are valid. 0 or -ERR_STORE. */
int store_keys_valid(struct store *store, uint32_t *ret_count, struct err *err);
/* True in *ret_changed if another process has committed since the last call. 0 or -ERR_STORE. */
int store_changed(struct store *store, bool *ret_changed, struct err *err);

/* Takes a run into the pending group. False if it was dropped because the backlog is full. */
bool store_record(struct store *store, const struct msg_record *record);
size_t store_pending(const struct store *store);
/*
 * Calls fn for at most ask->most runs of its key ("": of all), in the order of their rows; those that are not committed
 * yet are missing. Stops early when fn returns false. 0 or -ERR_STORE.
 */
int store_runs(struct store *store, const struct msg_runs_ask *ask,
	       bool (*fn)(const struct audit_run *run, void *ctx), void *ctx, struct err *err);
/*
 * Commits the pending group. 0; -ERR_AGAIN (disk full or file locked: the group is kept, try again
 * later); -ERR_STORE when the database is beyond use.
 */
int store_commit(struct store *store, struct err *err);

#endif
