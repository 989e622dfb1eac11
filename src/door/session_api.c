/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions by their addresses: making, showing, changing and ending them. Their files are in session_files.c. */
#include "door/session_api.h"

#include <string.h>

#include "door/handlers.h"

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

static void on_session_to_fork(struct session_call *call)
{
	call_ask_snapshot(call, call->request.from, DOCUMENT_GET, on_snapshot_to_fork);
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
		call_fail_code(call, rc);
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
	call_reply_gone(call, exchange_param(call->exchange, 0));
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
