/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents (ipc/document.h), one row each. Every statement names the owning key: what belongs to
 * another one does not exist. Ids grow with time, so the order of ids is the order of making.
 */
#include "store/documents.h"

#include <stdio.h>
#include <string.h>

#include "store/internal.h"

#define GRAVE_MS (24 * 3600 * 1000ull)

static const struct document_rule {
	bool sealed, durable;
	enum full { REFUSE, DROP, DROP_ENDED } full;
	uint32_t most;
} rules[DOCUMENT_KIND_COUNT] = {
#define X(name, sealed_, durable_, most_, full_)                                                   \
	[DOCUMENT_##name] = {.sealed = sealed_, .durable = durable_, .full = full_, .most = most_},
#include "ipc/documents.def"
#undef X
};

static const char put_sql[] =
    "INSERT INTO documents (key_id, kind, id, parent, mark, created_ms, bytes, sealed, head, body,"
    " expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    " ON CONFLICT (key_id, kind, id) DO UPDATE SET parent = ?4, mark = ?5, bytes = ?7, sealed = ?8,"
    " head = ?9, body = ?10, expires_ms = ?11";
static const char total_sql[] =
    "SELECT count(*), coalesce(sum(bytes), 0) FROM documents WHERE key_id = ?1 AND kind = ?2";
static const char drop_sql[] = "DELETE FROM documents WHERE number = (SELECT number FROM documents"
			       " WHERE key_id = ?1 AND kind = ?2 AND id <> ?3"
			       " AND (?4 = 0 OR mark = 0) ORDER BY id LIMIT 1)";
static const char get_sql[] =
    "SELECT id, parent, mark, head, sealed, body FROM documents"
    " WHERE key_id = ?1 AND kind = ?2 AND id = ?3 AND (?4 = '' OR parent = ?4)";
static const char list_sql[] =
    "SELECT id, parent, mark, head FROM documents WHERE key_id = ?1 AND kind = ?2 AND parent = ?3"
    " AND (?4 = '' OR id < ?4) AND (?5 = 0 OR (?5 = 1) = (mark <> 0)) ORDER BY id DESC LIMIT ?6";
static const char delete_sql[] =
    "DELETE FROM documents WHERE key_id = ?1 AND ((kind = ?2 AND id = ?3) OR parent = ?3)";

static const char claim_sql[] =
    "UPDATE documents SET mark = ?5 WHERE key_id = ?1 AND kind = ?2 AND id = ?3"
    " AND mark IN (?4, ?5)";
static const char recall_sql[] =
    "SELECT id, key_id, mark, head FROM documents WHERE kind = ?1 AND mark <> 0 AND id > ?2"
    " ORDER BY id LIMIT ?3";
static const char sweep_sql[] =
    "DELETE FROM documents WHERE number IN"
    " (SELECT number FROM documents WHERE expires_ms > 0 AND expires_ms <= ?1 LIMIT ?2)";

static const char bury_sql[] =
    "INSERT OR REPLACE INTO documents (key_id, kind, id, parent, mark, created_ms, bytes, sealed, head,"
    " body, expires_ms) SELECT key_id, ?3, id, '', 0, ?1, 0, 0, CAST('{\"reason\":\"expired\"}' AS BLOB),"
    " x'', ?2 FROM documents WHERE kind = ?4 AND expires_ms > 0 AND expires_ms <= ?1";

enum { COLUMN_ID, COLUMN_PARENT, COLUMN_MARK, COLUMN_HEAD, COLUMN_SEALED, COLUMN_BODY };

/* What a sealed body is bound to. */
struct seal_name {
	char key_id[KEY_ID_BYTES];
	char id[ID_BYTES];
	uint32_t kind;
};

static struct seal_name seal_name_of(const char *key_id, uint32_t kind, const char *id)
{
	struct seal_name name;

	memset(&name, 0, sizeof(name));
	memcpy(name.key_id, key_id, strnlen(key_id, sizeof(name.key_id) - 1));
	memcpy(name.id, id, strnlen(id, sizeof(name.id) - 1));
	name.kind = kind;
	return name;
}

static struct slice slice_of_name(const struct seal_name *name)
{
	return (struct slice){(const char *)name, sizeof(*name)};
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

static int prepare_owned(struct store *store, sqlite3_stmt **stmt, const char *sql,
			 const char *key_id, uint32_t kind, struct err *err)
{
	int rc = store_prepare(store, stmt, sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(*stmt, 1, key_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(*stmt, 2, kind);
	return 0;
}

static int step_done(struct store *store, sqlite3_stmt *stmt, struct err *err)
{
	return sqlite3_step(stmt) == SQLITE_DONE ? 0 : store_fail(store, err, "Writing");
}

static void bind_blob(sqlite3_stmt *stmt, int place, struct slice bytes)
{
	sqlite3_bind_blob64(stmt, place, bytes.len ? bytes.data : "", bytes.len, SQLITE_STATIC);
}

/* --- keeping --- */

static int put_row(struct store *store, const char *key_id, const struct document *document,
		   struct slice body, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, put_sql, key_id, document->kind, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 3, document->id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, document->parent, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, document->mark);
	sqlite3_bind_int64(stmt, 6, (sqlite3_int64)clock_wall_ms());
	sqlite3_bind_int64(stmt, 7, (sqlite3_int64)(document->head.len + body.len));
	sqlite3_bind_int(stmt, 8, rules[document->kind].sealed);
	bind_blob(stmt, 9, document->head);
	bind_blob(stmt, 10, body);
	sqlite3_bind_int64(stmt, 11, (sqlite3_int64)document->expires_ms);
	return step_done(store, stmt, err);
}

static int read_total(struct store *store, const char *key_id, uint32_t kind, uint64_t *ret_count,
		      uint64_t *ret_bytes, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, total_sql, key_id, kind, err);

	if (rc == 0 && sqlite3_step(stmt) != SQLITE_ROW)
		rc = store_fail(store, err, "Reading");
	if (rc < 0)
		return rc;
	*ret_count = (uint64_t)sqlite3_column_int64(stmt, 0);
	*ret_bytes = (uint64_t)sqlite3_column_int64(stmt, 1);
	return 0;
}

/* But for the one that room is made for. *ret_dropped: there was one to drop. */
static int drop_oldest(struct store *store, const char *key_id, const struct document *kept,
		       bool *ret_dropped, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, drop_sql, key_id, kept->kind, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 3, kept->id, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 4, rules[kept->kind].full == DROP_ENDED);
	rc = step_done(store, stmt, err);
	*ret_dropped = rc == 0 && sqlite3_changes(store->db) > 0;
	return rc;
}

/* Within what one key may keep, after it was written and before it is committed. */
static int keep_within(struct store *store, const char *key_id, const struct document *document,
		       struct err *err)
{
	const struct document_rule *rule = &rules[document->kind];
	uint64_t most = document->kind == DOCUMENT_SESSION ? MIN_OF(store->sessions_most, rule->most) : rule->most;
	bool dropped = rule->full != REFUSE;
	uint64_t count = 0, bytes = 0;

	for (;;) {
		int rc = read_total(store, key_id, document->kind, &count, &bytes, err);
		if (rc < 0)
			return rc;
		if (count <= most && bytes <= DOCUMENTS_BYTES_MAX)
			return 0;
		if (!dropped)
			return err_limit(
			    err, ERR_LIMIT_EXCEEDED, "", most,
			    "This key keeps as many of these as it may: %llu, of %llu MiB together.",
			    (unsigned long long)most, DOCUMENTS_BYTES_MAX / MIB);
		rc = drop_oldest(store, key_id, document, &dropped, err);
		if (rc < 0)
			return rc;
	}
}

static int put_one(struct store *store, const char *key_id, const struct document *document,
		   struct err *err)
{
	const struct seal_name name = seal_name_of(key_id, document->kind, document->id);
	struct slice body = document->body;
	_buf_finish_ struct buf sealed;
	int rc = 0;

	buf_init(&sealed, 2 * DOCUMENT_BYTES_MAX);
	if (rules[document->kind].sealed) {
		rc = seal_close(&store->seal, slice_of_name(&name), document->body, &sealed, err);
		body = buf_slice(&sealed);
	}
	if (rc == 0)
		rc = put_row(store, key_id, document, body, err);
	if (rc == 0 && packs_are_of(document->kind))
		rc = packs_refer(store, key_id, document, rules[document->kind].durable, err);
	return rc < 0 ? rc : keep_within(store, key_id, document, err);
}

static int put_all(struct store *store, const char *key_id, struct slice bytes, bool *durable,
		   struct err *err)
{
	struct document document;
	int more, rc = 0;

	while (rc == 0 && (more = document_next(&bytes, &document)) != 0) {
		if (more < 0 || !document.id[0])
			return err_set(err, ERR_PROTOCOL, "%s", err_default_text(ERR_PROTOCOL));
		*durable |= rules[document.kind].durable;
		rc = put_one(store, key_id, &document, err);
	}
	return rc;
}

/* Of a durable kind what is committed is on disk; to be called outside of a transaction. */
static int set_durable(struct store *store, bool durable, struct err *err)
{
	return durable ? store_exec(store, "PRAGMA synchronous = FULL", err) : 0;
}

int store_documents_put(struct store *store, const char *key_id, struct slice bytes,
			struct err *err)
{
	struct slice rest = bytes;
	struct document first;
	bool durable = document_next(&rest, &first) > 0 && rules[first.kind].durable;

	if (durable && store_pending(store))
		store_commit(store, NULL); /* what came before it is not lost without it */
	int rc = set_durable(store, durable, err);

	if (rc == 0)
		rc = store_exec(store, "BEGIN IMMEDIATE", err);
	if (rc == 0) {
		rc = put_all(store, key_id, bytes, &durable, err);
		if (rc == 0)
			rc = store_exec(store, "COMMIT", err);
		if (rc < 0)
			store_exec(store, "ROLLBACK", NULL);
	}
	store_exec(store, "PRAGMA synchronous = NORMAL", NULL);
	if (rc == 0 && packs_are_of(first.kind))
		packs_remove_gone(store);
	return rc;
}

/* --- giving --- */

static void read_id(sqlite3_stmt *stmt, int column, char out[static ID_BYTES])
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	snprintf(out, ID_BYTES, "%s", text ? text : "");
}

static struct slice read_blob(sqlite3_stmt *stmt, int column)
{
	const char *data = sqlite3_column_blob(stmt, column);

	return (struct slice){data, data ? (size_t)sqlite3_column_bytes(stmt, column) : 0};
}

static struct document read_document(sqlite3_stmt *stmt, uint32_t kind)
{
	struct document document = {.kind = kind, .mark = sqlite3_column_int64(stmt, COLUMN_MARK)};

	read_id(stmt, COLUMN_ID, document.id);
	read_id(stmt, COLUMN_PARENT, document.parent);
	document.head = read_blob(stmt, COLUMN_HEAD);
	return document;
}

static int write_whole(struct store *store, const char *key_id, sqlite3_stmt *stmt, uint32_t kind,
		       struct buf *out, struct err *err)
{
	struct document document = read_document(stmt, kind);
	const struct seal_name name = seal_name_of(key_id, kind, document.id);
	struct slice body = read_blob(stmt, COLUMN_BODY);
	_buf_finish_ struct buf plain;
	int rc = 0;

	buf_init(&plain, 2 * DOCUMENT_BYTES_MAX);
	document.body = body;
	if (sqlite3_column_int(stmt, COLUMN_SEALED)) {
		rc = seal_open(&store->seal, slice_of_name(&name), body, &plain, err);
		document.body = buf_slice(&plain);
	}
	if (rc < 0)
		return rc;
	return document_write(out, &document) < 0 ? no_memory(err) : 0;
}

int store_document_get(struct store *store, const struct msg_document_ask *ask, struct buf *out,
		       struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, get_sql, ask->key_id, ask->kind, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 3, ask->id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, ask->parent, -1, SQLITE_STATIC);
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return write_whole(store, ask->key_id, stmt, ask->kind, out, err);
	case SQLITE_DONE:
		return err_set(err, ERR_NOT_FOUND, "There is nothing of that id.");
	default:
		return store_fail(store, err, "Reading");
	}
}

/* A page ends early where it becomes large: the next one goes on behind it. */
static int write_page(struct store *store, sqlite3_stmt *stmt, uint32_t kind, struct buf *out,
		      uint32_t *ret_count, struct err *err)
{
	uint32_t count = 0;
	int step;

	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct document document = read_document(stmt, kind);
		if (count && out->len + document.head.len > DOCUMENT_BYTES_MAX)
			break;
		if (document_write(out, &document) < 0)
			return no_memory(err);
		count++;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return store_fail(store, err, "Reading");
	*ret_count = count;
	return 0;
}

int store_documents_list(struct store *store, const struct msg_document_ask *ask, struct buf *out,
			 uint32_t *ret_count, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, list_sql, ask->key_id, ask->kind, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 3, ask->parent, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, ask->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, ask->marked);
	sqlite3_bind_int64(stmt, 6, MIN_OF(ask->most, (uint32_t)DOCUMENTS_PAGE_MAX));
	return write_page(store, stmt, ask->kind, out, ret_count, err);
}

static int change_mark(struct store *store, const struct msg_document_ask *ask, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, claim_sql, ask->key_id, ask->kind, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 3, ask->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, ask->mark_from);
	sqlite3_bind_int64(stmt, 5, ask->mark_to);
	return step_done(store, stmt, err);
}

int store_document_claim(struct store *store, const struct msg_document_ask *ask, struct buf *out,
			 struct err *err)
{
	int rc = set_durable(store, rules[ask->kind].durable, err);

	if (rc == 0)
		rc = change_mark(store, ask, err);
	bool changed = rc == 0 && sqlite3_changes(store->db) > 0;
	store_exec(store, "PRAGMA synchronous = NORMAL", NULL);
	if (rc == 0)
		rc = store_document_get(store, ask, out, err);
	if (rc < 0 || changed)
		return rc;
	return err_set(err, ERR_CONFLICT, "This is not as it was.");
}

int store_documents_recall(struct store *store, const struct msg_document_ask *ask, struct buf *out,
			   uint32_t *ret_count, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, recall_sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_int64(stmt, 1, ask->kind);
	sqlite3_bind_text(stmt, 2, ask->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, MIN_OF(ask->most, (uint32_t)DOCUMENTS_PAGE_MAX));
	return write_page(store, stmt, ask->kind, out, ret_count, err);
}

/* Whoever asks for a session that has expired is told so for a while. */
static int bury_sessions(struct store *store, uint64_t now_ms, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, bury_sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)now_ms);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)(now_ms + GRAVE_MS));
	sqlite3_bind_int64(stmt, 3, DOCUMENT_SESSION_GONE);
	sqlite3_bind_int64(stmt, 4, DOCUMENT_SESSION);
	return step_done(store, stmt, err);
}

int store_documents_sweep(struct store *store, uint64_t now_ms, uint32_t most, uint32_t *ret_count,
			  struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = bury_sessions(store, now_ms, err);

	if (rc == 0)
		rc = store_prepare(store, &stmt, sweep_sql, err);
	if (rc < 0)
		return rc;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)now_ms);
	sqlite3_bind_int64(stmt, 2, most);
	rc = step_done(store, stmt, err);
	*ret_count = rc == 0 ? (uint32_t)sqlite3_changes(store->db) : 0;
	if (*ret_count)
		packs_remove_gone(store);
	return rc;
}

int store_document_delete(struct store *store, const struct msg_document_ask *ask, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = prepare_owned(store, &stmt, delete_sql, ask->key_id, ask->kind, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 3, ask->id, -1, SQLITE_STATIC);
	rc = step_done(store, stmt, err);
	int changes = sqlite3_changes(store->db);
	if (rc == 0 && packs_are_of(ask->kind))
		packs_remove_gone(store);
	if (rc == 0 && changes == 0)
		return err_set(err, ERR_NOT_FOUND, "There is nothing of that id.");
	return rc;
}
