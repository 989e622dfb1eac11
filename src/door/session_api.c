/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions and snapshots by their addresses; their files are in session_files.c. */
#include "door/session_api.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "door/handlers.h"

#define ANSWER_BYTES_MAX (64 * MIB)

/* --- calls --- */

void call_end(struct session_call *call)
{
	if (call->upload)
		session_upload_end(call->upload);
	session_keep_stop(&call->keep);
	documents_end(&call->wait);
	sessions_leave(&call->user);
	buf_finish(&call->answer);
	call->exchange->request->on_gone = NULL;
}

void call_fail(struct session_call *call, const struct err *err)
{
	const struct err copy = *err;
	struct exchange *exchange = call->exchange;

	call_end(call);
	reply_error(exchange, &copy);
}

void call_reply(struct session_call *call, int status, const char *content_type)
{
	struct exchange *exchange = call->exchange;
	struct buf answer = call->answer;

	call->answer = (struct buf){0};
	call_end(call);
	reply_body(exchange, status, content_type, &answer);
}

static void on_gone(struct http_request *request)
{
	call_end(request->owner);
}

static void fail_code(struct session_call *call, int rc)
{
	struct err err;

	err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	call_fail(call, &err);
}

struct session_call *call_begin(struct exchange *exchange, void (*fn)(struct session_call *call))
{
	struct session_call *call = arena_new(exchange->request->arena, struct session_call);
	struct err err;

	if (!call) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return NULL;
	}
	call->exchange = exchange;
	call->fn = fn;
	buf_init(&call->answer, ANSWER_BYTES_MAX);
	exchange->request->owner = call;
	exchange->request->on_gone = on_gone;
	return call;
}

static void on_turn(struct session_user *user)
{
	struct session_call *call = container_of(user, struct session_call, user);

	if (user->code)
		call_fail(call, &user->err);
	else
		call->fn(call);
}

void call_enter(struct session_call *call, struct slice name, enum session_use use)
{
	struct exchange *exchange = call->exchange;
	struct err err;

	call->user.fn = on_turn;
	if (sessions_enter(&call->user, exchange->door, exchange->key, name, use, &err) < 0)
		call_fail(call, &err);
}

static void on_kept(struct session_keep *keep)
{
	struct session_call *call = container_of(keep, struct session_call, keep);

	if (keep->code) {
		call->user.session->stale = true; /* its facts may have been changed already */
		call_fail(call, &keep->err);
	} else {
		call->then(call);
	}
}

void call_keep(struct session_call *call, void (*then)(struct session_call *call))
{
	call->then = then;
	call->keep.fn = on_kept;
	tree_sort(call->changes, call->change_count);
	session_keep_begin(&call->keep, &call->user, call->changes, call->change_count);
	if (call->upload)
		session_upload_give(call->upload, &call->keep);
}

/* --- changes --- */

struct session_change *call_change(struct session_call *call, size_t most)
{
	if (!call->changes)
		call->changes = arena_array(call->exchange->request->arena, struct session_change, most);
	return call->changes ? &call->changes[call->change_count] : NULL;
}

static bool is_put(const struct session_call *call, unsigned root, struct slice path)
{
	for (size_t i = 0; i < call->change_count; i++)
		if (call->changes[i].item.root == root && slice_equal(call->changes[i].item.path, path))
			return true;
	return false;
}

int call_put(struct session_call *call, const struct session_tree *tree, const struct session_change *change,
	     struct err *err)
{
	const struct pack_item *item = &change->item;
	int rc = tree_may_put(tree, item->root, item->path, (enum pack_type)item->type, err);

	for (size_t i = 0; rc == 0 && i < item->path.len; i++) {
		struct slice up = {item->path.data, i};
		if (item->path.data[i] != '/' || tree_find(tree, item->root, up) || is_put(call, item->root, up))
			continue;
		call->changes[call->change_count++] = (struct session_change){
		    .item = {.path = up, .root = item->root, .type = PACK_DIRECTORY, .mode = 0755}};
	}
	if (rc == 0 && !(item->type == PACK_DIRECTORY && is_put(call, item->root, item->path)))
		call->changes[call->change_count++] = *change;
	return rc;
}

/* --- answers --- */

static void reply_session(struct session_call *call, int status)
{
	const struct session *session = call->user.session;
	struct json_writer w;

	json_writer_init(&w, &call->answer);
	session_put(&w, NULL, &session->facts);
	json_writer_finish(&w);
	call_reply(call, status, "application/json");
}

static void reply_made(struct session_call *call)
{
	struct exchange *exchange = call->exchange;

	exchange->location = arena_printf(exchange->request->arena, "/v1/sessions/%s", call->user.session->name);
	reply_session(call, 201);
}

static void reply_gone(struct session_call *call, struct slice id)
{
	struct json_writer w;

	json_writer_init(&w, &call->answer);
	json_object_open(&w, NULL);
	json_put_bytes(&w, "id", id);
	json_put_bool(&w, "deleted", true);
	json_object_close(&w);
	json_writer_finish(&w);
	call_reply(call, 200, "application/json");
}

/* --- making one --- */

static int64_t now_ns(void)
{
	return (int64_t)clock_wall_ms() * (int64_t)NS_PER_MS;
}

/* Directories of its names beside each of them. */
static size_t room_for(const struct file_set *set)
{
	size_t room = 1;

	for (size_t i = 0; i < set->count; i++) {
		room++;
		for (size_t at = 0; at < set->files[i].name.len; at++)
			room += set->files[i].name.data[at] == '/';
	}
	return room;
}

static int add_files(struct session_call *call, struct err *err)
{
	const struct file_set *set = &call->request.draft.set;
	int rc = 0;

	if (!call_change(call, room_for(set)))
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	for (size_t i = 0; rc == 0 && i < set->count; i++) {
		const struct session_change change = {
		    .item = {.path = set->files[i].name, .size = set->files[i].data.len, .mtime_ns = now_ns(), .mode = 0644,
			     .root = PACK_WORK, .type = PACK_FILE},
		    .data = set->files[i].data.len ? set->files[i].data.data : ""};
		rc = call_put(call, call->user.session->tree, &change, err);
	}
	return rc;
}

static void on_session_to_make(struct session_call *call)
{
	struct session *session = call->user.session;
	const struct session_request *request = &call->request;
	struct err err;
	int rc = 0;

	if (!session->created)
		rc = err_set(&err, ERR_CONFLICT, "There is a session of that id already.");
	if (rc == 0)
		rc = add_files(call, &err);
	if (rc == 0) {
		struct session_facts facts = request->facts;
		memcpy(facts.name, session->name, sizeof(facts.name));
		facts.created_ms = session->facts.created_ms;
		session->facts = facts;
		rc = session_set_env(session, request->draft.spec.env, request->draft.spec.env_count, facts.env_names);
		if (rc < 0)
			err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
		session_touch(session, true);
	}
	if (rc < 0)
		call_fail(call, &err);
	else
		call_keep(call, reply_made);
}

/* It has another's packs: whoever uses it next reads it anew. */
static void on_forked(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);
	struct session *session = call->user.session;

	if (wait->code) {
		call_fail(call, &wait->err);
		return;
	}
	session->created = false;
	session->stale = true;
	reply_made(call);
}

static int fork_document(struct session_call *call, struct slice bytes, struct buf *out)
{
	struct session *session = call->user.session;
	const struct session_request *request = &call->request;
	struct session_list list = {0};
	struct session_facts facts;
	struct document snapshot;
	int rc = document_next(&bytes, &snapshot) > 0 ? 0 : -ERR_STORE;

	if (rc == 0)
		rc = session_facts_read(&facts, snapshot.head);
	if (rc == 0)
		rc = list_read(&list, snapshot.body);
	if (rc == 0 && !request->has_env)
		rc = session_set_env(session, list.env, list.env_count, facts.env_names);
	else if (rc == 0)
		rc = session_set_env(session, request->draft.spec.env, request->draft.spec.env_count, request->facts.env_names);
	free(list.env);
	if (rc < 0)
		return rc;
	memcpy(facts.name, session->name, sizeof(facts.name));
	facts.created_ms = session->facts.created_ms;
	facts.ttl_ms = request->has_ttl || !facts.ttl_ms ? request->facts.ttl_ms : facts.ttl_ms;
	facts.limits = request->has_limits ? request->facts.limits : facts.limits;
	facts.env_names = session->facts.env_names;
	facts.implicit = facts.has_state = false;
	if (request->facts.stateful || request->facts.background) {
		facts.stateful = request->facts.stateful;
		facts.background = request->facts.background;
	}
	session->facts = facts;
	session_touch(session, true);
	return session_write_as(session, &list, out);
}

static void on_snapshot_to_fork(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);
	struct msg_document_ask ask = {.op = DOCUMENT_PUT};
	_buf_finish_ struct buf out;
	struct err err = wait->err;

	buf_init(&out, 2 * DOCUMENT_BYTES_MAX);
	int rc = wait->code;
	if (rc == -ERR_NOT_FOUND)
		err_field(&err, ERR_NOT_FOUND, "from", "There is no snapshot of that id.");
	if (rc == 0 && !call->user.session->created)
		rc = err_set(&err, ERR_CONFLICT, "There is a session of that id already.");
	if (rc == 0) {
		rc = fork_document(call, buf_slice(&wait->bytes), &out);
		if (rc < 0)
			err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	}
	documents_end(wait);
	if (rc == 0) {
		wait->fn = on_forked;
		rc = documents_ask(wait, call->exchange->door, call->exchange->key, &ask, buf_slice(&out), &err);
	}
	if (rc < 0)
		call_fail(call, &err);
}

static void ask_snapshot(struct session_call *call, struct slice id, void (*fn)(struct document_wait *), enum document_op op)
{
	struct msg_document_ask ask = {.op = op, .kind = DOCUMENT_SNAPSHOT};
	struct err err;

	call->wait.fn = fn;
	if (!document_id_copy(ask.id, id))
		err_set(&err, ERR_NOT_FOUND, "There is no snapshot of that id.");
	else if (documents_ask(&call->wait, call->exchange->door, call->exchange->key, &ask, (struct slice){0}, &err) == 0)
		return;
	call_fail(call, &err);
}

static void on_session_to_fork(struct session_call *call)
{
	ask_snapshot(call, call->request.from, on_snapshot_to_fork, DOCUMENT_GET);
}

static int decode(struct session_call *call,
		  int (*fn)(const struct api_context *, struct yyjson_val *, struct arena *, struct session_request *,
			    struct err *),
		  struct err *err)
{
	struct exchange *exchange = call->exchange;
	const struct api_context api = exchange_context(exchange);
	struct yyjson_doc *doc = NULL;
	static const char empty[] = "{}";

	if (exchange->request->body.len == 0)
		exchange->request->body = slice_from(empty);
	int rc = exchange_parse(exchange, &doc, err);
	if (rc == 0)
		rc = fn(&api, exchange->api.body, exchange->request->arena, &call->request, err);
	exchange->dialect = &dialect_native;
	exchange->api.body = NULL;
	json_free(doc);
	if (rc == 0 && call->request.from.len && call->request.draft.set.count)
		rc = err_field(err, ERR_INVALID_FIELD, "files", "Send either 'from' or 'files', not both.");
	return rc;
}

void handle_session_create(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_make);
	struct err err;

	if (!call)
		return;
	if (decode(call, session_decode, &err) < 0) {
		call_fail(call, &err);
		return;
	}
	if (call->request.from.len)
		call->fn = on_session_to_fork;
	sessions_new_name(call->name);
	if (call->request.id.len)
		call_enter(call, call->request.id, SESSION_MAKE);
	else
		call_enter(call, slice_from(call->name), SESSION_FRESH);
}

/* --- looking, changing, ending --- */

static void on_session_to_show(struct session_call *call)
{
	reply_session(call, 200);
}

void handle_session_get(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_show);

	if (call)
		call_enter(call, exchange_param(exchange, 0), SESSION_LOOK);
}

static void on_session_to_change(struct session_call *call)
{
	struct session *session = call->user.session;
	const struct session_request *request = &call->request;
	int rc = 0;

	if (request->has_ttl)
		session->facts.ttl_ms = request->facts.ttl_ms;
	if (request->has_env)
		rc = session_set_env(session, request->draft.spec.env, request->draft.spec.env_count, request->facts.env_names);
	if (rc < 0) {
		fail_code(call, rc);
		return;
	}
	session->facts.implicit = false;
	session_touch(session, true);
	call_keep(call, on_session_to_show);
}

void handle_session_change(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_change);
	struct err err;

	if (call && decode(call, session_decode_change, &err) < 0)
		call_fail(call, &err);
	else if (call)
		call_enter(call, exchange_param(exchange, 0), SESSION_CHANGE);
}

static void on_deleted(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);

	if (wait->code && wait->code != -ERR_NOT_FOUND) {
		call_fail(call, &wait->err);
		return;
	}
	if (call->user.session)
		session_end(call->user.session);
	reply_gone(call, exchange_param(call->exchange, 0));
}

/* At once, also while something runs in it: what that leaves is not kept. */
static void on_session_to_end(struct session_call *call)
{
	struct msg_document_ask ask = {.op = DOCUMENT_DELETE, .kind = DOCUMENT_SESSION};
	struct err err;

	memcpy(ask.id, call->user.session->id, sizeof(ask.id));
	call->wait.fn = on_deleted;
	if (documents_ask(&call->wait, call->exchange->door, call->exchange->key, &ask, (struct slice){0}, &err) < 0)
		call_fail(call, &err);
}

void handle_session_delete(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_end);

	if (call)
		call_enter(call, exchange_param(exchange, 0), SESSION_LOOK);
}

/* --- lists --- */

typedef void put_fn(struct json_writer *w, const struct document *document, const struct session_facts *facts);

static void put_session_row(struct json_writer *w, const struct document *document _unused_,
			    const struct session_facts *facts)
{
	if (facts->expires_ms > clock_wall_ms())
		session_put(w, NULL, facts);
}

static void put_snapshot_row(struct json_writer *w, const struct document *document, const struct session_facts *facts)
{
	snapshot_put(w, NULL, facts, document->id);
}

static void reply_list(struct session_call *call, const char *key, put_fn *put)
{
	struct slice bytes = buf_slice(&call->wait.bytes);
	struct session_facts facts = {0};
	struct document document = {0};
	struct json_writer w;
	unsigned count = 0;

	json_writer_init(&w, &call->answer);
	json_object_open(&w, NULL);
	json_array_open(&w, key);
	while (document_next(&bytes, &document) > 0) {
		if (session_facts_read(&facts, document.head) == 0)
			put(&w, &document, &facts);
		count++;
	}
	json_array_close(&w);
	json_put_text(&w, "next", count == DOCUMENTS_PAGE_MAX ? document.id : NULL);
	json_object_close(&w);
	json_writer_finish(&w);
	call_reply(call, 200, "application/json");
}

static void on_sessions(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);

	if (wait->code)
		call_fail(call, &wait->err);
	else
		reply_list(call, "sessions", put_session_row);
}

static void on_snapshots(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);

	if (wait->code)
		call_fail(call, &wait->err);
	else
		reply_list(call, "snapshots", put_snapshot_row);
}

static void list(struct exchange *exchange, enum document_kind kind, void (*fn)(struct document_wait *))
{
	struct session_call *call = call_begin(exchange, NULL);
	struct msg_document_ask ask = {.op = DOCUMENT_LIST, .kind = kind, .most = DOCUMENTS_PAGE_MAX};
	struct err err;

	if (!call)
		return;
	document_id_copy(ask.id, api_query_value(exchange->api.query, "after"));
	call->wait.fn = fn;
	if (documents_ask(&call->wait, exchange->door, exchange->key, &ask, (struct slice){0}, &err) < 0)
		call_fail(call, &err);
}

void handle_sessions_list(struct exchange *exchange)
{
	list(exchange, DOCUMENT_SESSION, on_sessions);
}

void handle_snapshots_list(struct exchange *exchange)
{
	list(exchange, DOCUMENT_SNAPSHOT, on_snapshots);
}

/* --- snapshots --- */

static void put_snapshot(struct session_call *call, struct slice head, const char *id)
{
	struct session_facts facts = {0};
	struct json_writer w;

	session_facts_read(&facts, head);
	json_writer_init(&w, &call->answer);
	snapshot_put(&w, NULL, &facts, id);
	json_writer_finish(&w);
}

static void on_snapshot_made(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);
	struct exchange *exchange = call->exchange;

	if (wait->code) {
		call_fail(call, &wait->err);
		return;
	}
	exchange->location = arena_printf(exchange->request->arena, "/v1/snapshots/%s", call->id);
	call_reply(call, 201, "application/json");
}

static int write_snapshot(struct session_call *call, struct buf *out)
{
	_buf_finish_ struct buf all;
	struct document document;

	buf_init(&all, 2 * DOCUMENT_BYTES_MAX);
	int rc = session_write(call->user.session, &call->user.session->list, call->user.session->tree, &all);
	struct slice bytes = buf_slice(&all);
	if (rc == 0 && document_next(&bytes, &document) <= 0)
		rc = -ERR_INTERNAL;
	if (rc < 0)
		return rc;
	id_make(call->id, "snp");
	memcpy(document.id, call->id, sizeof(document.id));
	document.kind = DOCUMENT_SNAPSHOT;
	document.expires_ms = 0;
	document.mark = 0;
	put_snapshot(call, document.head, call->id);
	return document_write(out, &document);
}

/* The same packs under another name: nothing is copied. */
static void on_session_to_save(struct session_call *call)
{
	struct msg_document_ask ask = {.op = DOCUMENT_PUT};
	_buf_finish_ struct buf out;
	struct err err;

	buf_init(&out, 2 * DOCUMENT_BYTES_MAX);
	int rc = write_snapshot(call, &out);
	call->wait.fn = on_snapshot_made;
	if (rc < 0)
		fail_code(call, rc);
	else if (documents_ask(&call->wait, call->exchange->door, call->exchange->key, &ask, buf_slice(&out), &err) < 0)
		call_fail(call, &err);
}

/* Alone: a run that is under way is in it or it waits for the snapshot. */
void handle_session_snapshot(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_save);

	if (call)
		call_enter(call, exchange_param(exchange, 0), SESSION_CHANGE);
}

static void on_snapshot(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;

	if (wait->code) {
		call_fail(call, &wait->err);
	} else if (document_next(&bytes, &document) <= 0) {
		fail_code(call, -ERR_STORE);
	} else {
		put_snapshot(call, document.head, document.id);
		call_reply(call, 200, "application/json");
	}
}

void handle_snapshot_get(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, NULL);

	if (call)
		ask_snapshot(call, exchange_param(exchange, 0), on_snapshot, DOCUMENT_GET);
}

static void on_snapshot_deleted(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);

	if (wait->code)
		call_fail(call, &wait->err);
	else
		reply_gone(call, exchange_param(call->exchange, 0));
}

void handle_snapshot_delete(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, NULL);

	if (call)
		ask_snapshot(call, exchange_param(exchange, 0), on_snapshot_deleted, DOCUMENT_DELETE);
}
