/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/util.h"
#include "store/internal.h"

/* Columns of key_limits.def, in its order, behind the others. */
static const size_t limit_offsets[] = {
#define X(member, option, kind, doc) offsetof(struct key_limits, member),
#include "store/key_limits.def"
#undef X
};
_Static_assert(sizeof(struct key_limits) == ARRAY_LEN(limit_offsets) * sizeof(uint64_t),
	       "key_limits.def has a row for every member of struct key_limits");

/*
 * The order of changes has no gaps that matter and no ties: the write lock is held while it is
 * counted on.
 */
#define NEXT_CHANGE "(SELECT coalesce(max(change), 0) + 1 FROM keys)"

static const char insert_sql[] = "INSERT INTO keys (id, hash, name, created_ms, change"
#define X(member, option, kind, doc) ", " #member
#include "store/key_limits.def"
#undef X
				 ") VALUES (?, ?, ?, ?, " NEXT_CHANGE
#define X(member, option, kind, doc) ", ?"
#include "store/key_limits.def"
#undef X
				 ")";

static const char select_sql[] = "SELECT id, hash, name, created_ms, revoked_ms, change"
#define X(member, option, kind, doc) ", " #member
#include "store/key_limits.def"
#undef X
				 " FROM keys WHERE change > ? ORDER BY change LIMIT ?";

enum {
	COLUMN_ID,
	COLUMN_HASH,
	COLUMN_NAME,
	COLUMN_CREATED,
	COLUMN_REVOKED,
	COLUMN_CHANGE,
	COLUMN_LIMITS
};

/* One write that must be on disk when it returns: a key given out, or taken away, stays so. */
static int step_durably(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	int rc = store_exec(store, "PRAGMA synchronous = FULL", err);

	if (rc < 0)
		return rc;
	if (sqlite3_step(stmt) != SQLITE_DONE)
		rc = store_fail(store, err, "Writing");
	store_exec(store, "PRAGMA synchronous = NORMAL", NULL);
	return rc == -ERR_AGAIN ? -ERR_STORE : rc;
}

static int check_name(const char *name, struct err *err)
{
	if (strlen(name) >= MSG_NAME_BYTES)
		return err_limit(err, ERR_INVALID_FIELD, "name", MSG_NAME_BYTES - 1,
				 "A key's name has at most %d bytes.", MSG_NAME_BYTES - 1);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_field(err, ERR_INVALID_FIELD, "name",
					 "A key's name has no control characters.");
	return 0;
}

static int make_key(const char *name, const struct key_limits *limits,
		    char text[static KEY_TEXT_BYTES], struct store_key *key, struct err *err)
{
	memset(key, 0, sizeof(*key));
	if (key_text_make(text) < 0 || key_text_hash(slice_from(text), key->key.hash) < 0)
		return err_set(err, ERR_IO, "The system gave no random bytes for a key.");
	id_make(key->key.id, "key");
	snprintf(key->key.name, sizeof(key->key.name), "%s", name);
	key->key.limits = *limits;
	key->created_ms = clock_wall_ms();
	return 0;
}

static void bind_key(sqlite3_stmt *stmt, const struct store_key *key)
{
	int place = 1;

	sqlite3_bind_text(stmt, place++, key->key.id, -1, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, place++, key->key.hash, KEY_HASH_BYTES, SQLITE_STATIC);
	sqlite3_bind_text(stmt, place++, key->key.name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, place++, (sqlite3_int64)key->created_ms);
	for (size_t i = 0; i < ARRAY_LEN(limit_offsets); i++) {
		uint64_t limit;
		memcpy(&limit, (const char *)&key->key.limits + limit_offsets[i], sizeof(limit));
		sqlite3_bind_int64(stmt, place++,
				   (sqlite3_int64)limit); /* "unlimited" is stored as -1 */
	}
}

int store_key_create(struct store *store, const char *name, const struct key_limits *limits,
		     char ret_text[static KEY_TEXT_BYTES], struct store_key *ret_key,
		     struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	char text[KEY_TEXT_BYTES];
	struct store_key key;
	int rc = check_name(name, err);

	if (rc == 0)
		rc = make_key(name, limits, text, &key, err);
	if (rc == 0)
		rc = store_prepare(store, &stmt, insert_sql, err);
	if (rc < 0)
		return rc;
	bind_key(stmt, &key);
	rc = step_durably(store, stmt, err);
	if (rc < 0)
		return rc;
	memcpy(ret_text, text, sizeof(text));
	*ret_key = key;
	return 0;
}

int store_key_revoke(struct store *store, const char *id, struct err *err)
{
	/* The first time counts: revoking again changes nothing and is no new change. */
	static const char sql[] =
	    "UPDATE keys SET revoked_ms = iif(revoked_ms, revoked_ms, ?1),"
	    " change = iif(revoked_ms, change, " NEXT_CHANGE ") WHERE id = ?2";
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)clock_wall_ms());
	sqlite3_bind_text(stmt, 2, id, -1, SQLITE_STATIC);
	rc = step_durably(store, stmt, err);
	if (rc == 0 && sqlite3_changes(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND,
			       "There is no key of that id; 'sandglass keys list' shows them.");
	return rc;
}

static void read_text(sqlite3_stmt *stmt, int column, char *out, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, cap, "%s", text ? text : "");
}

static void read_key(sqlite3_stmt *stmt, struct store_key *key)
{
	memset(key, 0, sizeof(*key));
	read_text(stmt, COLUMN_ID, key->key.id, sizeof(key->key.id));
	read_text(stmt, COLUMN_NAME, key->key.name, sizeof(key->key.name));
	if (sqlite3_column_bytes(stmt, COLUMN_HASH) == KEY_HASH_BYTES)
		memcpy(key->key.hash, sqlite3_column_blob(stmt, COLUMN_HASH), KEY_HASH_BYTES);
	key->created_ms = (uint64_t)sqlite3_column_int64(stmt, COLUMN_CREATED);
	key->revoked_ms = (uint64_t)sqlite3_column_int64(stmt, COLUMN_REVOKED);
	key->change = (uint64_t)sqlite3_column_int64(stmt, COLUMN_CHANGE);
	key->key.revoked = key->revoked_ms != 0;
	for (size_t i = 0; i < ARRAY_LEN(limit_offsets); i++) {
		uint64_t limit = (uint64_t)sqlite3_column_int64(stmt, COLUMN_LIMITS + (int)i);
		memcpy((char *)&key->key.limits + limit_offsets[i], &limit, sizeof(limit));
	}
}

int store_keys_since(struct store *store, uint64_t change, unsigned most,
		     bool (*fn)(const struct store_key *key, void *ctx), void *ctx, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	struct store_key key;
	int rc = store_prepare(store, &stmt, select_sql, err);
	int step = SQLITE_ROW;

	if (rc < 0)
		return rc;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)change);
	sqlite3_bind_int64(stmt, 2, most);
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_key(stmt, &key);
		if (!fn(&key, ctx))
			return 0;
	}
	return step == SQLITE_DONE ? 0 : store_fail(store, err, "Reading");
}

int store_keys_valid(struct store *store, uint32_t *ret_count, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, "SELECT count(*) FROM keys WHERE revoked_ms = 0", err);

	if (rc < 0)
		return rc;
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return store_fail(store, err, "Reading");
	*ret_count = (uint32_t)sqlite3_column_int64(stmt, 0);
	return 0;
}
