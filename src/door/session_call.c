/* SPDX-License-Identifier: Apache-2.0 */
/* A request of /v1/sessions while it waits: for its session, for the database, for what it has changed to be kept. */
#include <string.h>

#include "door/session_api.h"

#define ANSWER_BYTES_MAX (64 * MIB)

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

void call_fail_code(struct session_call *call, int rc)
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

void call_ask_snapshot(struct session_call *call, struct slice id, enum document_op op, void (*fn)(struct document_wait *))
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

void call_reply_gone(struct session_call *call, struct slice id)
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
