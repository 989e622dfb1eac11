/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "door/sessions.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "door/session_resident.h"
#include "event/loop.h"

#define BUCKETS	       256 /* a power of two */
#define LATER_PART     8   /* what is written says one eighth more than its time, so that it is written seldom */
#define BODY_BYTES_MAX (DOCUMENT_BYTES_MAX + MIB)

struct sessions {
	struct door *door;
	struct list buckets[BUCKETS];
	struct list idle; /* the one that has been so longest first */
	uint64_t count;
};

/* A session while it is read: its document, then its packs. */
struct loading {
	struct session *session;
	struct document_wait document;
	struct pack_wait packs[PACKS_MAX];
	unsigned packs_left;
	bool looking_for_grave;
	struct err err; /* code != 0: of the packs that have been answered */
};

static void give_turn(struct session *session);

struct sessions *sessions_create(struct door *door)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	if (!sessions)
		return NULL;
	sessions->door = door;
	list_init(&sessions->idle);
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&sessions->buckets[i]);
	return sessions;
}

uint64_t sessions_count(const struct sessions *sessions)
{
	return sessions->count;
}

void sessions_new_name(char out[static SESSION_ID_BYTES])
{
	char id[ID_BYTES];

	id_make(id, "ses");
	snprintf(out, SESSION_ID_BYTES, "%s", id);
}

uint64_t session_disk_bytes(const struct session *session)
{
	uint64_t bytes = session->facts.limits.disk_bytes;

	return bytes ? bytes : session->door->config->disk_bytes_default;
}

int session_say_full(const struct session *session, struct err *err)
{
	uint64_t bytes = session_disk_bytes(session);

	return err_limit(err, ERR_LIMIT_EXCEEDED, "", bytes,
			 "The session's files may have %llu bytes together, each in whole pages of 4096.", (unsigned long long)bytes);
}

/* --- memory --- */

/* Ids are ours or hashes. */
static struct list *bucket_of(struct sessions *sessions, const char *id)
{
	return &sessions->buckets[slice_hash(slice_from(id)) & (BUCKETS - 1)];
}

static struct session *find(struct sessions *sessions, const struct key *key, const char *id)
{
	struct session *session;

	list_foreach(bucket_of(sessions, id), session, node)
		if (session->key == key && !session->gone && strcmp(session->id, id) == 0)
			return session;
	return NULL;
}

static void close_packs(struct session *session)
{
	for (unsigned i = 0; i < PACKS_MAX; i++)
		session->fds[i] = fd_close(session->fds[i]);
}

static void session_free(struct session *session)
{
	struct sessions *sessions = session->door->sessions;

	session_resident_free(session);
	loop_timer_cancel(session->door->loop, &session->timer);
	loop_timer_cancel(session->door->loop, &session->turn);
	if (list_holds(&session->idle_node))
		list_remove(&sessions->idle, &session->idle_node);
	list_remove(bucket_of(sessions, session->id), &session->node);
	sessions->count--;
	close_packs(session);
	tree_unref(session->tree);
	free(session->list.env);
	buf_finish(&session->body);
	free(session);
}

static struct session *session_create(struct sessions *sessions, struct key *key, const char *id, struct slice name)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->door = sessions->door;
	session->key = key;
	memcpy(session->id, id, sizeof(session->id));
	memcpy(session->name, name.data, name.len);
	list_init(&session->waiting);
	buf_init(&session->body, BODY_BYTES_MAX);
	for (unsigned i = 0; i < PACKS_MAX; i++)
		session->fds[i] = -1;
	list_push_back(bucket_of(sessions, id), &session->node);
	sessions->count++;
	return session;
}

/* --- its time --- */

static void on_time(struct timer *timer)
{
	struct session *session = container_of(timer, struct session, timer);

	session_touch(session, false);
}

bool session_prolong(struct session *session, bool force)
{
	struct session_facts *facts = &session->facts;
	uint64_t now_ms = clock_wall_ms();

	if (!force && now_ms + facts->ttl_ms <= facts->expires_ms)
		return false;
	facts->expires_ms = now_ms + facts->ttl_ms + facts->ttl_ms / LATER_PART;
	return true;
}

void session_touch(struct session *session, bool force)
{
	struct msg_document_ask ask = {.op = DOCUMENT_PUT};
	_buf_finish_ struct buf out;

	if (session->gone || !session->loaded)
		return;
	loop_timer_set(session->door->loop, &session->timer,
		       clock_now_ns() + session->facts.ttl_ms * NS_PER_MS / LATER_PART, on_time);
	/* while it is being kept, what we have is older than that: it would come after it, and undo it */
	if (session->keeping || session->stale || !session_prolong(session, force))
		return;
	buf_init(&out, DOCUMENT_BYTES_MAX);
	if (session->created || session_write(session, &session->list, session->tree, &out) < 0)
		return; /* it is written when it is made */
	documents_tell(session->door, session->key, &ask, buf_slice(&out));
}

int session_write_as(const struct session *session, const struct session_list *list, struct buf *out)
{
	const struct session_facts *facts = &session->facts;
	struct session_list all = *list;
	struct document document = {
	    .kind = DOCUMENT_SESSION, .mark = !facts->implicit, .expires_ms = facts->expires_ms};
	_buf_finish_ struct buf head, body;

	buf_init(&head, DOCUMENT_BYTES_MAX);
	buf_init(&body, DOCUMENT_BYTES_MAX);
	all.env = session->list.env;
	all.env_count = session->list.env_count;
	int rc = session_facts_write(&head, facts);
	if (rc == 0)
		rc = list_write(&body, &all);
	memcpy(document.id, session->id, sizeof(document.id));
	document.head = buf_slice(&head);
	document.body = buf_slice(&body);
	return rc < 0 ? rc : document_write(out, &document);
}

int session_write(const struct session *session, const struct session_list *list, const struct session_tree *tree,
		  struct buf *out)
{
	struct session with = *session; /* for its facts; nothing of it is freed */

	with.facts.used_bytes = tree->bytes;
	with.facts.files = tree->count;
	return session_write_as(&with, list, out);
}

int session_set_env(struct session *session, const struct slice *env, size_t count, struct slice names)
{
	struct session_list list = session->list;
	struct buf body;

	list.env = (struct slice *)env;
	list.env_count = (unsigned)count;
	buf_init(&body, BODY_BYTES_MAX);
	int rc = list_write(&body, &list);
	size_t names_at = body.len;
	if (rc == 0)
		rc = buf_append(&body, names.data, names.len);
	if (rc == 0)
		rc = list_read(&list, (struct slice){body.data, names_at});
	if (rc < 0) {
		buf_finish(&body);
		return rc;
	}
	free(session->list.env);
	buf_finish(&session->body);
	session->list.env = list.env;
	session->list.env_count = list.env_count;
	session->body = body;
	session->facts.env_names = (struct slice){body.data + names_at, names.len};
	return 0;
}

/* --- reading it --- */

static void loading_free(struct session *session)
{
	struct loading *loading = steal_pointer(session->loading);

	if (!loading)
		return;
	documents_end(&loading->document);
	for (unsigned i = 0; i < PACKS_MAX; i++)
		packs_end(&loading->packs[i]);
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

static bool is_over(const struct session *session)
{
	return session->facts.expires_ms && session->facts.expires_ms <= clock_wall_ms();
}

/* As if it had never been read. */
static void forget(struct session *session)
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
	if (!is_over(session)) {
		give_turn(session);
	} else if (is_wanted_anew(session)) {
		forget(session);
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

static void all_packs_open(struct loading *loading)
{
	struct session *session = loading->session;
	uint64_t sizes[PACKS_MAX];
	unsigned count = session->list.pack_count;
	struct err err = loading->err;

	for (unsigned i = 0; i < count; i++) {
		sizes[i] = session->list.packs[i].bytes;
		session->fds[i] = fd_steal(&loading->packs[i].fd);
	}
	int rc = err.code ? -err.code : index_read(&session->tree, session->fds[count - 1], sizes, count);
	if (rc == 0)
		is_loaded(session);
	else if (rc == -ERR_NOT_FOUND || rc == -ERR_PROTOCOL)
		session_lost(session, "its files are damaged or were not on the disk when the power went");
	else {
		if (!err.code)
			err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
		refuse_all(session, &err);
	}
}

static void on_pack(struct pack_wait *wait)
{
	struct loading *loading = wait->owner;

	if (wait->code && !loading->err.code)
		loading->err = wait->err;
	if (--loading->packs_left == 0)
		all_packs_open(loading);
}

static void open_packs(struct loading *loading)
{
	const struct session_list *list = &loading->session->list;
	struct err err;

	for (unsigned i = 0; i < list->pack_count; i++) {
		struct msg_pack_ask ask;
		memset(&ask, 0, sizeof(ask));
		ask.op = PACK_OPEN;
		ask.bytes = list->packs[i].bytes;
		memcpy(ask.hash, list->packs[i].hash, sizeof(ask.hash));
		loading->packs[i].fn = on_pack;
		loading->packs[i].owner = loading;
		if (packs_ask(&loading->packs[i], loading->session->door, &ask, &err) < 0) {
			refuse_all(loading->session, &err);
			return;
		}
		loading->packs_left++;
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
	int rc = document_next(&bytes, &document) > 0 ? read_document(session, &document) : -ERR_STORE;

	if (rc == 0 && session->list.pack_count) {
		open_packs(loading);
		return;
	}
	if (rc == 0)
		session->tree = tree_create();
	if (session->tree) {
		is_loaded(session);
		return;
	}
	struct err err;
	err_set(&err, ERR_STORE, "%s", err_default_text(ERR_STORE));
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

static void on_load_due(struct timer *timer)
{
	struct session *session = container_of(timer, struct session, turn);
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
	for (unsigned i = 0; i < PACKS_MAX; i++)
		session->loading->packs[i].fd = -1;
	ask_document(session->loading, DOCUMENT_SESSION);
}

/* --- who uses it --- */

static struct session_user *next_user(const struct session *session);
static void on_turn_due(struct timer *timer);

static void turn(struct session *session, struct session_user *user)
{
	if (user->use == SESSION_LOOK)
		session->lookers++;
	else
		session->user = user;
	if (list_holds(&session->idle_node))
		list_remove(&session->door->sessions->idle, &session->idle_node);
	session_touch(session, false);
	if (next_user(session)) /* before anything else: the session may be gone after the call */
		loop_timer_set(session->door->loop, &session->turn, 0, on_turn_due);
	user->code = 0;
	user->fn(user);
}

/* Who only looks does not wait; of the others the first, if nobody has it. Of what is not as it was written none. */
static struct session_user *next_user(const struct session *session)
{
	struct session_user *user;

	if (session->stale)
		return NULL;
	list_foreach(&session->waiting, user, node)
		if (user->use == SESSION_LOOK || !session->user)
			return user;
	return NULL;
}

static void make_room(struct sessions *sessions)
{
	while (sessions->idle.len > sessions->door->config->sessions_active_max)
		session_free(list_entry(list_first(&sessions->idle), struct session, idle_node));
}

static void give_turn(struct session *session)
{
	struct session_user *user = next_user(session);

	if (user) {
		list_remove(&session->waiting, &user->node);
		turn(session, user);
	} else {
		session_settle(session);
	}
}

static void on_turn_due(struct timer *timer)
{
	struct session *session = container_of(timer, struct session, turn);

	if (is_over(session) && !session->user && !session->lookers) {
		forget(session);
		on_load_due(timer);
	} else {
		session_touch(session, false);
		give_turn(session);
	}
}

/* Nobody is called from inside of a call: by the loop. */
void session_settle(struct session *session)
{
	struct sessions *sessions = session->door->sessions;
	bool used = session->user || session->lookers;

	if (session->stale && !used && (session->waiting.len || !session_resident_holds(session))) {
		session->stale = false;
		forget(session);
	}
	if (session->gone && !used) {
		session_free(session);
	} else if (!session->loaded && !session->loading && !used) {
		if (session->waiting.len)
			loop_timer_set(session->door->loop, &session->turn, 0, on_load_due);
		else
			session_free(session);
	} else if (session->waiting.len && session->loaded && next_user(session)) {
		loop_timer_set(session->door->loop, &session->turn, 0, on_turn_due);
	} else if (!used && !session->waiting.len && session->created) {
		session_free(session); /* it was never written */
	} else if (!used && !session->waiting.len && session->loaded) {
		loop_timer_cancel(session->door->loop, &session->timer);
		if (session_resident_holds(session))
			return;
		if (!list_holds(&session->idle_node))
			list_push_back(&sessions->idle, &session->idle_node);
		make_room(sessions);
	}
}

int sessions_enter(struct session_user *user, struct door *door, struct key *key, struct slice name,
		   enum session_use use, struct err *err)
{
	char id[ID_BYTES];

	user->session = NULL;
	user->use = use;
	user->code = 0;
	if (!door->store)
		return err_set(err, ERR_UNAVAILABLE,
			       door->embedded ? "Sessions need a server with a database; this is an embedded one."
					      : "The database is being opened; send the request again.");
	if (!session_name_is_good(name))
		return err_set(err, ERR_NOT_FOUND, "There is no session of that id.");
	session_document_id(id, name);
	struct session *session = find(door->sessions, key, id);
	if (session && session->waiting.len >= door->config->session_queue_max && use != SESSION_LOOK)
		return err_set(err, ERR_QUEUE_FULL, "Too many requests wait for their turn in this session.");
	if (!session) {
		session = session_create(door->sessions, key, id, name);
		if (!session)
			return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		loop_timer_set(door->loop, &session->turn, 0, on_load_due);
	}
	user->session = session;
	list_push_back(&session->waiting, &user->node);
	if (session->loaded)
		loop_timer_set(door->loop, &session->turn, 0, on_turn_due);
	return 0;
}

void sessions_leave(struct session_user *user)
{
	struct session *session = user->session;

	if (!session)
		return;
	user->session = NULL;
	if (list_holds(&user->node))
		list_remove(&session->waiting, &user->node);
	else if (session->user == user)
		session->user = NULL;
	else
		session->lookers--;
	session_settle(session);
}
