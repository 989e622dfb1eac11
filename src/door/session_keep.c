/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has changed becomes part of a session: a new pack is written, in steps, and then the document that names it.
 * Until that is written the session is as it was, and from then on it is the new one: there is nothing in between,
 * whichever process ends when. If the store ends meanwhile, all of it is done once more with the next one.
 */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "door/sessions.h"
#include "event/loop.h"

#define STORE_ABSENT_NS (10 * NS_PER_SEC)
#define RETRY_NS	(50 * NS_PER_MS)

static void begin(struct session_keep *keep);

static struct door *door_of(const struct session_keep *keep)
{
	return keep->user->session->door;
}

/* What it holds, back to where it began. */
static void let_go(struct session_keep *keep)
{
	struct session *session = keep->user->session;

	packs_end(&keep->new_wait);
	packs_end(&keep->keep_wait);
	documents_end(&keep->put_wait);
	if (keep->has_packer)
		packer_finish(&keep->packer);
	keep->has_packer = false;
	keep->new_fd = fd_close(keep->new_fd);
	keep->pack_fd = fd_close(keep->pack_fd);
	keep->answers = 0;
	/* it was sent, and what became of it nobody knows: what we have may be older than what is written */
	session->stale |= session->keeping;
	session->keeping = false;
}

static void finish(struct session_keep *keep)
{
	let_go(keep);
	keep->file = 0;
	keep->fn(keep);
}

static void on_retry(struct timer *timer)
{
	begin(container_of(timer, struct session_keep, timer));
}

/* Without a store there will be another one soon. */
static void fail(struct session_keep *keep, const struct err *err)
{
	struct door *door = door_of(keep);

	keep->err = *err;
	keep->code = -err->code;
	if (keep->file && err->code != ERR_UNAVAILABLE)
		packs_drop(door, keep->file);
	if (err->code != ERR_UNAVAILABLE || keep->given || clock_now_ns() >= keep->tries_until_ns) {
		finish(keep);
		return;
	}
	let_go(keep);
	loop_timer_set(door->loop, &keep->timer, clock_now_ns() + RETRY_NS, on_retry);
}

static void fail_code(struct session_keep *keep, int rc)
{
	struct err err;

	if (rc == -ERR_IO && errno == ENOSPC)
		err_set(&err, ERR_LIMIT_EXCEEDED, "The server's disk is full.");
	else if (rc == -ERR_TOO_LARGE)
		err_set(&err, ERR_LIMIT_EXCEEDED, "The session would have more than %u files.", PACK_ENTRIES_MAX);
	else if (rc == -ERR_PROTOCOL)
		err_set(&err, ERR_CONFLICT, "The files do not fit into one tree.");
	else
		err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	fail(keep, &err);
}

/* --- the end: pack and document --- */

static void take_packs(struct session *session, const struct packer *packer, int new_fd)
{
	const struct session_list *list = &packer->list;
	int fds[PACKS_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < session->list.pack_count; i++) {
		if (packer->keeps[i])
			fds[count++] = session->fds[i];
		else
			fd_close(session->fds[i]);
	}
	if (new_fd >= 0)
		fds[count++] = new_fd;
	for (unsigned i = 0; i < PACKS_MAX; i++)
		session->fds[i] = i < count ? fds[i] : -1;
	memcpy(session->list.packs, list->packs, sizeof(list->packs));
	session->list.pack_count = list->pack_count;
}

static void commit(struct session_keep *keep)
{
	struct session *session = keep->user->session;

	if (keep->has_packer) {
		take_packs(session, &keep->packer, fd_steal(&keep->pack_fd));
		tree_unref(session->tree);
		session->tree = tree_ref(keep->packer.tree);
		session->facts.used_bytes = session->tree->bytes;
		session->facts.files = session->tree->count;
		keep->changed = true;
	}
	session->created = session->stale = false;
	keep->code = 0;
	session_touch(session, false); /* that it was used meanwhile is not in what was written */
	finish(keep);
}

static void on_answered(struct session_keep *keep)
{
	if (--keep->answers)
		return;
	if (keep->keep_wait.code)
		fail(keep, &keep->keep_wait.err);
	else if (keep->put_wait.code)
		fail(keep, &keep->put_wait.err);
	else
		commit(keep);
}

/* A store that has been started meanwhile does not know the file. */
static void on_kept(struct pack_wait *wait)
{
	struct session_keep *keep = wait->owner;

	if (wait->code == -ERR_NOT_FOUND)
		wait->code = err_set(&wait->err, ERR_UNAVAILABLE, "%s", err_default_text(ERR_UNAVAILABLE));
	keep->pack_fd = fd_steal(&wait->fd);
	on_answered(keep);
}

static void on_put(struct document_wait *wait)
{
	struct session_keep *keep = wait->owner;

	if (wait->code != -ERR_UNAVAILABLE)
		keep->user->session->keeping = false;
	on_answered(keep);
}

static int put_document(struct session_keep *keep, const struct session_list *list, const struct session_tree *tree,
			struct err *err)
{
	struct session *session = keep->user->session;
	struct msg_document_ask ask = {.op = DOCUMENT_PUT};
	_buf_finish_ struct buf out;

	buf_init(&out, 2 * DOCUMENT_BYTES_MAX);
	session_prolong(session, false);
	int rc = session_write(session, list, tree, &out);
	if (rc < 0)
		return err_set(err, (enum err_code)-rc, "%s", err_default_text(rc));
	keep->put_wait.fn = on_put;
	keep->put_wait.owner = keep;
	rc = documents_ask(&keep->put_wait, session->door, session->key, &ask, buf_slice(&out), err);
	keep->answers += rc == 0;
	session->keeping = rc == 0;
	return rc;
}

/* One behind the other, so that no other document is written between them (store/packs.h). */
static void keep_pack(struct session_keep *keep)
{
	const struct session_list *list = &keep->packer.list;
	const struct pack_ref *ref = &list->packs[list->pack_count - 1];
	struct msg_pack_ask ask;
	struct err err;

	memset(&ask, 0, sizeof(ask));
	ask.op = PACK_KEEP;
	ask.file = keep->file;
	ask.bytes = ref->bytes;
	memcpy(ask.hash, ref->hash, sizeof(ask.hash));
	keep->keep_wait.fn = on_kept;
	keep->keep_wait.owner = keep;
	int rc = packs_ask(&keep->keep_wait, door_of(keep), &ask, &err);
	keep->answers = rc == 0;
	if (rc == 0)
		rc = put_document(keep, list, keep->packer.tree, &err);
	if (rc < 0)
		fail(keep, &err);
}

/* --- the pack --- */

static void on_step(struct timer *timer)
{
	struct session_keep *keep = container_of(timer, struct session_keep, timer);
	int rc = packer_step(&keep->packer);

	if (rc == 0)
		loop_timer_set(door_of(keep)->loop, timer, 0, on_step);
	else if (rc > 0)
		keep_pack(keep);
	else
		fail_code(keep, rc);
}

static void plan(struct session_keep *keep)
{
	struct session *session = keep->user->session;
	int rc = packer_plan(&keep->packer, session->tree, &session->list, session->fds, keep->changes, keep->count);

	if (rc == 0 && keep->packer.tree->bytes > session_disk_bytes(session)) {
		struct err err;
		session_say_full(session_disk_bytes(session), &err);
		fail(keep, &err);
	} else if (rc < 0) {
		fail_code(keep, rc);
	} else {
		on_step(&keep->timer);
	}
}

static void on_new(struct pack_wait *wait)
{
	struct session_keep *keep = wait->owner;

	if (wait->code) {
		fail(keep, &wait->err);
		return;
	}
	keep->file = wait->number;
	keep->new_fd = fd_steal(&wait->fd);
	keep->has_packer = true;
	int rc = packer_init(&keep->packer, keep->new_fd);
	if (rc < 0)
		fail_code(keep, rc);
	else
		plan(keep);
}

static void ask_new(struct session_keep *keep)
{
	struct session *session = keep->user->session;
	struct msg_pack_ask ask;
	struct err err;
	int rc;

	memset(&ask, 0, sizeof(ask));
	ask.op = PACK_NEW;
	keep->file = 0;
	keep->new_wait.fn = on_new;
	keep->new_wait.owner = keep;
	if (keep->count)
		rc = packs_ask(&keep->new_wait, session->door, &ask, &err);
	else
		rc = put_document(keep, &session->list, session->tree, &err);
	if (rc < 0)
		fail(keep, &err);
}

static void begin(struct session_keep *keep)
{
	struct err err;

	if (keep->user->session->gone) {
		err_set(&err, ERR_NOT_FOUND, "The session has been deleted meanwhile.");
		fail(keep, &err);
	} else if (keep->given) {
		plan(keep);
	} else {
		ask_new(keep);
	}
}

void session_keep_give(struct session_keep *keep, struct packer *packer, uint64_t file, int new_fd)
{
	keep->packer = *packer;
	*packer = (struct packer){.fd = -1};
	keep->has_packer = keep->given = true;
	keep->file = file;
	keep->new_fd = new_fd;
}

void session_keep_begin(struct session_keep *keep, struct session_user *user, const struct session_change *changes,
			size_t count)
{
	keep->user = user;
	keep->changes = changes;
	keep->count = count;
	keep->new_fd = keep->pack_fd = keep->new_wait.fd = keep->keep_wait.fd = -1;
	keep->tries_until_ns = clock_now_ns() + STORE_ABSENT_NS;
	loop_timer_set(user->session->door->loop, &keep->timer, 0, on_retry);
}

void session_keep_stop(struct session_keep *keep)
{
	if (!keep->user)
		return; /* it was never begun */
	loop_timer_cancel(keep->user->session->door->loop, &keep->timer);
	if (keep->file && !keep->answers) /* else the store has been told to keep it */
		packs_drop(door_of(keep), keep->file);
	let_go(keep);
	keep->user = NULL;
}
