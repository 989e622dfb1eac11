/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUT of a file, or of an archive of them, that nobody keeps whole: contents go into a new pack as they come (ipc/pack.h),
 * which nobody but us has until the document that names it is written. Others may use the session meanwhile; it is asked for
 * alone when all bytes are there. A caller that leaves before leaves nothing: the pack is dropped. The store removes what a front that died had
 * begun (store/packs.h).
 */
#include "door/session_upload.h"

#include <errno.h>

#include "base/fd.h"
#include "ipc/collect.h"

#define WHOLE_BYTES_MAX (256 * KIB) /* smaller ones are kept here, and survive an end of the store */
#define UPLOADS_MAX     256	    /* each has some buffers here, and bytes on the disk */
#define VISITS		3	    /* of the session, in the time after which it would end */

/* --- its end --- */

static void stop_visits(struct session_upload *upload)
{
	loop_timer_cancel(upload->call->exchange->door->loop, &upload->visit);
	sessions_leave(&upload->look);
}

void session_upload_give(struct session_upload *upload, struct session_keep *keep)
{
	session_keep_give(keep, &upload->packer, upload->file, fd_steal(&upload->fd));
	upload->has_packer = false;
	upload->file = 0;
}

void session_upload_end(struct session_upload *upload)
{
	struct exchange *exchange = upload->call->exchange;

	http_hold_body(exchange->request, true); /* whatever still comes, nobody is here for it */
	upload->call->upload = NULL;
	exchange->door->uploads--;
	exchange->key->upload_bytes -= upload->counted;
	stop_visits(upload);
	packs_end(&upload->new_wait);
	if (upload->has_packer)
		packer_finish(&upload->packer);
	if (upload->file)
		packs_drop(exchange->door, upload->file);
	upload->fd = fd_close(upload->fd);
	if (upload->kind->end)
		upload->kind->end(upload);
}

static int set_code(struct err *err, int rc)
{
	if (rc == -ERR_IO && errno == ENOSPC)
		return err_set(err, ERR_LIMIT_EXCEEDED, "The server's disk is full.");
	return err_set(err, (enum err_code)-rc, "%s", err_default_text(rc));
}

/* --- what may come --- */

/* Bytes that are on their way take place on the disk and are in no session yet. */
static int count(struct session_upload *upload, uint64_t bytes, struct err *err)
{
	const struct exchange *exchange = upload->call->exchange;
	uint64_t most = exchange->door->config->session_bytes_per_key_max;
	struct key *key = exchange->key;

	if (key->upload_bytes + bytes > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, "", most,
				 "The files that this key sends at once may have %llu bytes (session_bytes_per_key_max).",
				 (unsigned long long)most);
	key->upload_bytes += bytes;
	upload->counted += bytes;
	return 0;
}

int upload_add(struct session_upload *upload, struct slice data, struct err *err)
{
	upload->bytes += data.len;
	if (collect_rounded(upload->bytes) > upload->room)
		return session_say_full(upload->disk_bytes, err);
	int rc = upload->bytes > upload->counted ? count(upload, upload->bytes - upload->counted, err) : 0;
	if (rc < 0)
		return rc;
	check_add(&upload->check, data.data, data.len);
	rc = packer_add(&upload->packer, data.data, data.len);
	return rc < 0 ? set_code(err, rc) : 0;
}

/* --- one file --- */

static int read_file(struct session_upload *upload, struct err *err)
{
	struct session_call *call = upload->call;
	int rc = call_read_path(call, err);

	if (rc == 0)
		rc = call_read_mode(call, 0644, &upload->mode, err);
	if (rc == 0 && slice_equal(api_query_value(call->exchange->api.query, "type"), SLICE_LITERAL("directory")))
		rc = err_set(err, ERR_BAD_REQUEST, "A directory has no content.");
	return rc;
}

/* The session as it is now: whether it has room is asked once more when all has come. */
static int begin_file(struct session_upload *upload, struct err *err)
{
	const struct session_call *call = upload->call;
	const struct session *session = upload->look.session;
	const struct pack_item *there = tree_find(session->tree, call->root, call->path);
	uint64_t others = session->tree->bytes - (there ? collect_rounded(there->size) : 0);
	uint64_t announced = call->exchange->request->body_bytes;
	int rc = tree_may_put(session->tree, call->root, call->path, PACK_FILE, err);

	upload->room -= MIN_OF(upload->room, others);
	if (rc < 0 || announced == HTTP_LENGTH_UNKNOWN)
		return rc;
	return collect_rounded(announced) > upload->room ? session_say_full(upload->disk_bytes, err) : count(upload, announced, err);
}

static void write_file(struct session_call *call)
{
	struct session_upload *upload = call->upload;
	const struct session_change change = {.item = {.path = call->path,
						       .root = (uint8_t)call->root,
						       .type = PACK_FILE,
						       .mode = upload->mode,
						       .mtime_ns = (int64_t)clock_wall_ms() * (int64_t)NS_PER_MS,
						       .size = upload->bytes,
						       .check = check_end(&upload->check),
						       .pack = PACK_THIS}};

	call_write(call, &change);
}

static const struct upload_kind file_kind = {.read = read_file, .begin = begin_file, .take = upload_add, .write = write_file};

/* --- the bytes --- */

static void on_data(struct http_request *request, struct slice data)
{
	struct session_call *call = request->taker_ctx;
	struct session_upload *upload = call->upload;
	struct err err;

	if (upload->kind->take(upload, data, &err) < 0)
		call_fail(call, &err);
}

static void on_end(struct http_request *request, int code, const char *why)
{
	struct session_call *call = request->taker_ctx;
	struct session_upload *upload = call->upload;
	struct err err;
	int rc = code < 0 ? err_set(&err, (enum err_code)-code, "%s", why) : 0;

	if (rc == 0 && upload->kind->check)
		rc = upload->kind->check(upload, &err);
	if (rc < 0) {
		call_fail(call, &err);
		return;
	}
	stop_visits(upload);
	call->fn = upload->kind->write;
	call_enter(call, upload->name, SESSION_CHANGE);
}

/* --- while they come --- */

static void on_visit_due(struct timer *timer);

/*
 * A look from time to time is use enough for a session not to end for want of it, and who deletes it is noticed. Who stayed would
 * be in the way of those that wait until nobody looks, to read it anew.
 */
static void visit_later(struct session_upload *upload)
{
	sessions_leave(&upload->look);
	loop_timer_set(upload->call->exchange->door->loop, &upload->visit,
		       clock_now_ns() + upload->visit_ms * NS_PER_MS, on_visit_due);
}

static void on_visit(struct session_user *user)
{
	struct session_upload *upload = container_of(user, struct session_upload, look);

	if (user->code)
		call_fail(upload->call, &user->err);
	else
		visit_later(upload);
}

static int look(struct session_upload *upload, void (*fn)(struct session_user *user), struct err *err)
{
	const struct exchange *exchange = upload->call->exchange;

	upload->look.fn = fn;
	return sessions_enter(&upload->look, exchange->door, exchange->key, upload->name, SESSION_LOOK, err);
}

static void on_visit_due(struct timer *timer)
{
	struct session_upload *upload = container_of(timer, struct session_upload, visit);
	struct err err;

	if (look(upload, on_visit, &err) < 0)
		call_fail(upload->call, &err);
}

/* --- the beginning --- */

static void on_new(struct pack_wait *wait)
{
	struct session_upload *upload = wait->owner;

	if (wait->code) {
		call_fail(upload->call, &wait->err);
		return;
	}
	upload->file = wait->number;
	upload->fd = fd_steal(&wait->fd);
	upload->has_packer = true;
	struct err err;
	int rc = packer_init(&upload->packer, upload->fd);
	if (rc < 0) {
		set_code(&err, rc);
		call_fail(upload->call, &err);
	} else {
		http_hold_body(upload->call->exchange->request, false);
	}
}

static void on_session(struct session_user *user)
{
	struct session_upload *upload = container_of(user, struct session_upload, look);
	struct msg_pack_ask ask = {.op = PACK_NEW};
	struct err err = user->err;
	int rc = user->code;

	if (rc == 0) {
		upload->room = upload->disk_bytes = session_disk_bytes(user->session);
		upload->visit_ms = user->session->facts.ttl_ms / VISITS;
		rc = upload->kind->begin ? upload->kind->begin(upload, &err) : 0;
	}
	if (rc == 0)
		visit_later(upload);
	upload->new_wait.fn = on_new;
	upload->new_wait.owner = upload;
	if (rc == 0)
		rc = packs_ask(&upload->new_wait, upload->call->exchange->door, &ask, &err);
	if (rc < 0)
		call_fail(upload->call, &err);
}

static struct session_upload *begin(struct session_call *call, const struct upload_kind *kind, struct err *err)
{
	struct session_upload *upload = arena_new(call->exchange->request->arena, struct session_upload);
	struct door *door = call->exchange->door;

	if (!upload || door->uploads >= UPLOADS_MAX) {
		err_set(err, upload ? ERR_QUEUE_FULL : ERR_NO_MEMORY, "%s",
			upload ? "Too many files are on their way; send the request again." : err_default_text(ERR_NO_MEMORY));
		return NULL;
	}
	door->uploads++;
	upload->kind = kind;
	upload->call = call;
	upload->name = exchange_param(call->exchange, 0);
	upload->fd = upload->new_wait.fd = -1;
	check_init(&upload->check);
	return call->upload = upload;
}

static int check_request(struct session_call *call, struct err *err)
{
	const struct exchange *exchange = call->exchange;
	int rc = call->upload->kind->read(call->upload, err);

	if (rc == 0 && exchange->door->draining)
		rc = err_set(err, ERR_DRAINING, "%s", err_default_text(ERR_DRAINING));
	return rc < 0 ? rc : look(call->upload, on_session, err);
}

void upload_take(struct exchange *exchange, const struct upload_kind *kind)
{
	static const struct http_taker taker = {.on_data = on_data, .on_end = on_end};
	struct http_request *request = exchange->request;
	uint64_t most = MIN_OF((uint64_t)WHOLE_BYTES_MAX, exchange->door->config->body_bytes_max);
	struct err err;

	if (request->body_bytes <= most)
		return;
	http_take_body(request, &taker);
	struct session_call *call = call_begin(exchange, NULL);
	if (!call)
		return;
	request->taker_ctx = call;
	if (!begin(call, kind, &err) || check_request(call, &err) < 0)
		call_fail(call, &err);
}

void session_upload_take(struct exchange *exchange)
{
	upload_take(exchange, &file_kind);
}
