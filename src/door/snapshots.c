/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of sessions and of snapshots; snapshots by their addresses, but for their files (snapshot_files.c). */
#include <string.h>

#include "door/handlers.h"
#include "door/session_api.h"

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
		call_fail_code(call, rc);
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
		call_fail_code(call, -ERR_STORE);
	} else {
		put_snapshot(call, document.head, document.id);
		call_reply(call, 200, "application/json");
	}
}

void handle_snapshot_get(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, NULL);

	if (call)
		call_ask_snapshot(call, exchange_param(exchange, 0), DOCUMENT_GET, on_snapshot);
}

static void on_snapshot_deleted(struct document_wait *wait)
{
	struct session_call *call = container_of(wait, struct session_call, wait);

	if (wait->code)
		call_fail(call, &wait->err);
	else
		call_reply_gone(call, exchange_param(call->exchange, 0));
}

void handle_snapshot_delete(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, NULL);

	if (call)
		call_ask_snapshot(call, exchange_param(exchange, 0), DOCUMENT_DELETE, on_snapshot_deleted);
}
