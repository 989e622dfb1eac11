/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a session, when somebody wants it: its document, or why there is none any more, and its packs. */
#define _GNU_SOURCE
#include "door/session_load.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "door/packs_read.h"

/* A session while it is read: its document, then its packs. */
struct loading {
	struct session *session;
	struct document_wait document;
	struct packs_read packs;
	bool looking_for_grave;
};

static void close_packs(struct session *session)
{
	for (unsigned i = 0; i < PACKS_MAX; i++)
		session->fds[i] = fd_close(session->fds[i]);
}

static void loading_free(struct session *session)
{
	struct loading *loading = steal_pointer(session->loading);

	if (!loading)
		return;
	documents_end(&loading->document);
	packs_read_end(&loading->packs);
	free(loading);
}

/* All that wait hear that there is none. */
static void refuse_all(struct session *session, const struct err *why)
{
	const struct err err = *why;
	struct list_node *node;

	loading_free(session);
	session->gone = true;
	while ((node = list_pop_front(&session->waiting))) {
		struct session_user *user = list_entry(node, struct session_user, node);
		user->session = NULL;
		user->err = err;
		user->code = -err.code;
		user->fn(user);
	}
	if (!session->user && !session->lookers)
		session_free(session);
}

bool session_is_over(const struct session *session)
{
	return session->facts.expires_ms && session->facts.expires_ms <= clock_wall_ms();
}

/* As if it had never been read. */
void session_forget(struct session *session)
{
	close_packs(session);
	tree_unref(session->tree);
	session->tree = NULL;
	free(session->list.env);
	session->list = (struct session_list){0};
	session->facts = (struct session_facts){0};
	session->loaded = session->created = false;
	buf_clear(&session->body);
}

/* Whoever may have a new one of that name, and is next. */
static bool is_wanted_anew(const struct session *session)
{
	struct list_node *node = list_first(&session->waiting);

	if (!node)
		return false;
	enum session_use use = list_entry(node, struct session_user, node)->use;
	return use == SESSION_FRESH || (use == SESSION_MAKE && !session_name_is_ours(slice_from(session->name)));
}

static void make_new(struct session *session);

static void is_loaded(struct session *session)
{
	struct err err;

	loading_free(session);
	session->loaded = true;
	if (!session_is_over(session)) {
		session_give_turn(session);
	} else if (is_wanted_anew(session)) {
		session_forget(session);
		make_new(session);
	} else {
		err_set(&err, ERR_GONE, "This session has ended: it was not used for its time.");
		refuse_all(session, &err);
	}
}

void session_end(struct session *session)
{
	struct err err;

	err_set(&err, ERR_NOT_FOUND, "There is no session of that id.");
	refuse_all(session, &err);
}

/* The document goes, and what says so stays for a day. */
void session_lost(struct session *session, const char *why)
{
	struct msg_document_ask put = {.op = DOCUMENT_PUT}, end = {.op = DOCUMENT_DELETE, .kind = DOCUMENT_SESSION};
	struct document grave = {.kind = DOCUMENT_SESSION_GONE, .expires_ms = clock_wall_ms() + 86400000};
	char head[128];
	struct err err;
	_buf_finish_ struct buf out;

	buf_init(&out, 4 * KIB);
	memcpy(end.id, session->id, sizeof(end.id));
	memcpy(grave.id, session->id, sizeof(grave.id));
	snprintf(head, sizeof(head), "{\"reason\":\"%s\"}", why);
	grave.head = slice_from(head);
	if (document_write(&out, &grave) == 0)
		documents_tell(session->door, session->key, &put, buf_slice(&out));
	documents_tell(session->door, session->key, &end, (struct slice){0});
	err_set(&err, ERR_GONE, "This session is lost: %s.", why);
	refuse_all(session, &err);
}

/* A new one, for who wants it made. */
static void make_new(struct session *session)
{
	struct session_facts *facts = &session->facts;

	session->tree = tree_create();
	*facts = (struct session_facts){.created_ms = clock_wall_ms(), .ttl_ms = session->door->config->session_idle_ms, .implicit = true};
	memcpy(facts->name, session->name, sizeof(facts->name));
	session->created = true;
	if (session->tree) {
		is_loaded(session);
		return;
	}
	struct err err;
	err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	refuse_all(session, &err);
}

static void on_packs(struct packs_read *read)
{
	struct session *session = container_of(read, struct loading, packs)->session;

	if (read->err.code == ERR_GONE) {
		session_lost(session, "its files are damaged or were not on the disk when the power went");
	} else if (read->err.code) {
		refuse_all(session, &read->err);
	} else {
		session->tree = steal_pointer(read->tree);
		for (unsigned i = 0; i < PACKS_MAX; i++)
			session->fds[i] = fd_steal(&read->fds[i]);
		is_loaded(session);
	}
}

/* Copied: what the facts and the list lead into stays with the session. */
static int read_document(struct session *session, const struct document *document)
{
	int rc = buf_append(&session->body, document->body.data, document->body.len);
	size_t head_at = session->body.len;

	if (rc == 0)
		rc = buf_append(&session->body, document->head.data, document->head.len);
	if (rc == 0)
		rc = list_read(&session->list, (struct slice){session->body.data, head_at});
	if (rc == 0)
		rc = session_facts_read(&session->facts, (struct slice){session->body.data + head_at, document->head.len});
	return rc;
}

static void take_document(struct loading *loading, struct slice bytes)
{
	struct session *session = loading->session;
	struct document document;
	struct err err;
	int rc = document_next(&bytes, &document) > 0 ? read_document(session, &document) : -ERR_STORE;

	if (rc < 0)
		err_set(&err, ERR_STORE, "%s", err_default_text(ERR_STORE));
	else
		rc = packs_read_begin(&loading->packs, session->door, &session->list, on_packs, &err);
	if (rc < 0)
		refuse_all(session, &err);
}

static void ask_document(struct loading *loading, enum document_kind kind);

static void on_document(struct document_wait *wait)
{
	struct loading *loading = container_of(wait, struct loading, document);
	struct session *session = loading->session;
	struct err err = wait->err;

	if (wait->code == 0 && !loading->looking_for_grave) {
		take_document(loading, buf_slice(&wait->bytes));
	} else if (wait->code == 0) {
		bool expired = memmem(wait->bytes.data, wait->bytes.len, "\"expired\"", 9);
		err_set(&err, ERR_GONE, "This session %s.", expired ? "has ended: it was not used for its time"
		                                                   : "is lost: its files are not on the disk any more");
		refuse_all(session, &err);
	} else if (wait->code == -ERR_NOT_FOUND && is_wanted_anew(session)) {
		make_new(session);
	} else if (wait->code == -ERR_NOT_FOUND && !loading->looking_for_grave) {
		loading->looking_for_grave = true;
		ask_document(loading, DOCUMENT_SESSION_GONE);
	} else {
		if (wait->code == -ERR_NOT_FOUND)
			err_set(&err, ERR_NOT_FOUND, "There is no session of that id.");
		refuse_all(session, &err);
	}
}

static void ask_document(struct loading *loading, enum document_kind kind)
{
	struct session *session = loading->session;
	struct msg_document_ask ask = {.op = DOCUMENT_GET, .kind = kind};
	struct err err;

	documents_end(&loading->document);
	memcpy(ask.id, session->id, sizeof(ask.id));
	loading->document.fn = on_document;
	if (documents_ask(&loading->document, session->door, session->key, &ask, (struct slice){0}, &err) < 0)
		refuse_all(session, &err);
}

void session_load(struct session *session)
{
	struct err err;

	if (session->waiting.len &&
	    list_entry(list_first(&session->waiting), struct session_user, node)->use == SESSION_FRESH) {
		make_new(session);
		return;
	}
	session->loading = calloc(1, sizeof(*session->loading));
	if (!session->loading) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		refuse_all(session, &err);
		return;
	}
	session->loading->session = session;
	packs_read_init(&session->loading->packs);
	ask_document(session->loading, DOCUMENT_SESSION);
}
