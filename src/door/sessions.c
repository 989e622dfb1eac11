/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "door/sessions.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "door/session_load.h"
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

int session_say_full(uint64_t disk_bytes, struct err *err)
{
	return err_limit(err, ERR_LIMIT_EXCEEDED, "", disk_bytes,
			 "The session's files may have %llu bytes together, each in whole pages of 4096.", (unsigned long long)disk_bytes);
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

void session_free(struct session *session)
{
	struct sessions *sessions = session->door->sessions;

	session_resident_free(session);
	loop_timer_cancel(session->door->loop, &session->timer);
	loop_timer_cancel(session->door->loop, &session->turn);
	if (list_holds(&session->idle_node))
		list_remove(&sessions->idle, &session->idle_node);
	list_remove(bucket_of(sessions, session->id), &session->node);
	sessions->count--;
	session_forget(session);
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

void session_give_turn(struct session *session)
{
	struct session_user *user = next_user(session);

	if (user) {
		list_remove(&session->waiting, &user->node);
		turn(session, user);
	} else {
		session_settle(session);
	}
}

static void on_load_due(struct timer *timer)
{
	session_load(container_of(timer, struct session, turn));
}

static void on_turn_due(struct timer *timer)
{
	struct session *session = container_of(timer, struct session, turn);

	if (session_is_over(session) && !session->user && !session->lookers) {
		session_forget(session);
		session_load(session);
	} else {
		session_touch(session, false);
		session_give_turn(session);
	}
}

/* Nobody is called from inside of a call: by the loop. */
void session_settle(struct session *session)
{
	struct sessions *sessions = session->door->sessions;
	bool used = session->user || session->lookers;

	if (session->stale && !used && (session->waiting.len || !session_resident_holds(session))) {
		session->stale = false;
		session_forget(session);
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
