/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: the only process of the server that has the database open.
 *
 * sandglass-store CONFIG, descriptor 3: the channel to the parent.
 *
 * It starts as root to give state_dir/db to its user, then confines itself to that directory for
 * good and only then looks at a byte of the database. The front may give it records of finished
 * runs, is told the keys, and may keep and ask for documents (store_documents.c); it cannot ask for
 * anything else. Keys are changed by the command line,
 * which opens the same file as the same user: there is no message that could make a key.
 *
 * Changes are noticed by asking SQLite's data_version, a look into shared memory without a system
 * call that waits, every KEYS_POLL_MS. (inotify on the WAL would wake us for each of our own
 * commits as well, and would still have to ask.) All changes to keys are numbered; the front is
 * sent those above the last number it got, from 0 when it is new. So start and update are the same
 * walk, and a front that reads slowly only makes the walk pause.
 *
 * A database that is damaged or cannot be written is fatal: nobody is let in by guess, and the
 * parent starts us again with growing pauses. A full disk is not: runs wait in memory, keys go on
 * being served.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/config.h"
#include "event/loop.h"
#include "ipc/channel.h"
#include "role/role.h"
#include "role/store_documents.h"
#include "store/documents.h"
#include "role/store_packs.h"
#include "store/packs.h"
#include "store/store.h"

#define KEYS_POLL_MS	100
#define KEYS_PAGE	256  /* keys sent before other work gets its turn */
#define KEYS_PAUSE_MS	2    /* when the front's channel is half full */
#define CHANNEL_HALF	512  /* messages waiting in it */
#define COMMIT_RETRY_MS 1000 /* after a full disk or a locked file */
#define SWEEP_MS	2000
#define SWEEP_PAUSE_MS	5   /* when there is more to sweep */
#define SWEEP_ROWS	200 /* dropped before other work gets its turn */
#define EXIT_USAGE	64  /* sysexits.h: EX_USAGE */

struct role_store {
	struct loop *loop;
	struct store *store;
	struct channel parent, front;
	struct timer poll, walk, commit, sweep;
	uint64_t sent_change; /* the front has every key up to this change */
	uint32_t sent_count;
	bool sent_all; /* and has been told so */
	bool draining;
	uint64_t records_lost; /* since the last commit that worked */
};

static struct role_store self = {.parent.fd = -1, .front.fd = -1};

static _noreturn_ void die(const char *event, const struct err *err)
{
	char reason[sizeof(err->text) * 2];

	fatal(event, "reason=%s", log_quote(reason, sizeof(reason), err->text, strlen(err->text)));
}

/* --- runs --- */

static void on_commit_due(struct timer *timer _unused_);

static void set_commit_timer(uint64_t delay_ms)
{
	loop_timer_set(self.loop, &self.commit, clock_now_ns() + delay_ms * NS_PER_MS,
		       on_commit_due);
}

static void commit(void)
{
	struct err err = {0};
	char reason[sizeof(err.text) * 2];
	int rc = store_commit(self.store, &err);

	if (rc == 0) {
		loop_timer_cancel(self.loop, &self.commit);
		if (self.records_lost)
			log_at(LOG_ERROR, "records_lost", "count=%llu",
			       (unsigned long long)self.records_lost);
		self.records_lost = 0;
		return;
	}
	if (rc != -ERR_AGAIN)
		die("database_failed", &err);
	log_at(LOG_ERROR, "database_waits", "pending=%zu reason=%s", store_pending(self.store),
	       log_quote(reason, sizeof(reason), err.text, strlen(err.text)));
	set_commit_timer(COMMIT_RETRY_MS);
}

static void on_commit_due(struct timer *timer _unused_)
{
	commit();
}

static void on_record(struct channel *channel _unused_, struct message *message)
{
	bool waits = self.commit.place != 0;

	if (!store_record(self.store, message->body))
		self.records_lost++;
	/*
	 * Exactly at the size, not above it: while a commit is being retried only its timer
	 * tries again.
	 */
	if (store_pending(self.store) == STORE_COMMIT_ROWS)
		commit();
	else if (!waits)
		set_commit_timer(STORE_COMMIT_MS);
}

/* --- keys --- */

static bool send_key(const struct store_key *key, void *ctx)
{
	unsigned *sent = ctx;

	if (self.front.outgoing.len >= CHANNEL_HALF ||
	    channel_send(&self.front, MSG_FRONT_KEY, &key->key, NULL, 0) < 0)
		return false;
	self.sent_change = key->change;
	self.sent_count++;
	++*sent;
	return true;
}

static void on_walk_due(struct timer *timer _unused_);

/* Sends the next page of keys; comes back by timer until the front has all. */
static void walk_keys(void)
{
	struct err err = {0};
	unsigned sent = 0;

	if (!channel_is_open(&self.front))
		return;
	int rc = store_keys_since(self.store, self.sent_change, KEYS_PAGE, send_key, &sent, &err);
	if (rc < 0 && rc != -ERR_AGAIN)
		die("database_failed", &err);
	bool paused = rc < 0 || sent == KEYS_PAGE || self.front.outgoing.len >= CHANNEL_HALF;
	if (paused) {
		loop_timer_set(self.loop, &self.walk, clock_now_ns() + KEYS_PAUSE_MS * NS_PER_MS,
			       on_walk_due);
	} else if (!self.sent_all) {
		const struct msg_keys_done done = {.count = self.sent_count};
		self.sent_all = channel_send(&self.front, MSG_FRONT_KEYS_DONE, &done, NULL, 0) == 0;
	}
}

static void on_walk_due(struct timer *timer _unused_)
{
	walk_keys();
}

static void on_poll_due(struct timer *timer)
{
	struct err err = {0};
	bool changed = false;
	int rc = store_changed(self.store, &changed, &err);

	if (rc < 0 && rc != -ERR_AGAIN)
		die("database_failed", &err);
	if (changed)
		walk_keys();
	loop_timer_set(self.loop, timer, clock_now_ns() + KEYS_POLL_MS * NS_PER_MS, on_poll_due);
}

/* --- documents --- */

static void on_documents(struct channel *channel, struct message *message)
{
	store_documents_serve(self.store, channel, message);
}

static void on_sweep_due(struct timer *timer)
{
	struct err err = {0};
	uint32_t count = 0;
	int rc = store_documents_sweep(self.store, clock_wall_ms(), SWEEP_ROWS, &count, &err);

	if (rc < 0 && rc != -ERR_AGAIN)
		die("database_failed", &err);
	uint64_t pause_ms = count == SWEEP_ROWS ? SWEEP_PAUSE_MS : SWEEP_MS;
	loop_timer_set(self.loop, timer, clock_now_ns() + pause_ms * NS_PER_MS, on_sweep_due);
}

static void on_pack(struct channel *channel, struct message *message)
{
	store_packs_serve(self.store, channel, message);
}

static void on_runs(struct channel *channel, struct message *message)
{
	store_runs_serve(self.store, channel, message);
}

/* --- peers --- */

static const message_fn front_handlers[MSG_COUNT] = {
    [MSG_STORE_RECORD] = on_record,
    [MSG_STORE_DOCUMENTS] = on_documents,
    [MSG_STORE_RUNS] = on_runs,
    [MSG_STORE_PACK] = on_pack,
};

static void on_front_closed(struct channel *channel _unused_)
{
	loop_timer_cancel(self.loop, &self.walk);
	if (self.draining)
		loop_stop(self.loop);
}

static void on_connect(struct channel *channel _unused_, struct message *message)
{
	const struct msg_connect *connect = message->body;

	if (connect->role != ROLE_FRONT)
		fatal("bad_peer", "role=%u", connect->role);
	struct err err = {0};

	channel_close(&self.front);
	if (store_packs_tidy(self.store, &err) < 0)
		die("packs_unusable", &err);
	if (channel_open(&self.front, self.loop, msg_take_fd(message, 0), ROLE_STORE, ROLE_FRONT,
			 front_handlers, on_front_closed) < 0)
		fatal("front_channel", "errno=%d", errno);
	self.sent_change = 0;
	self.sent_count = 0;
	self.sent_all = false;
	walk_keys();
}

/* The front's last runs come in before it closes; then there is nothing left to wait for. */
static void on_drain(struct channel *channel _unused_, struct message *message _unused_)
{
	self.draining = true;
	if (!channel_is_open(&self.front))
		loop_stop(self.loop);
}

static const message_fn parent_handlers[MSG_COUNT] = {
    [MSG_ANY_CONNECT] = on_connect,
    [MSG_ANY_DRAIN] = on_drain,
};

static void on_parent_closed(struct channel *channel _unused_)
{
	loop_stop(self.loop);
}

/* --- start --- */

static void open_database(const struct config *config)
{
	bool root = geteuid() == 0;
	uid_t uid = root ? (uid_t)(config->uid_base + UID_STORE) : geteuid();
	gid_t gid = root ? (gid_t)uid : getegid();
	struct err err = {0};

	if (store_dir_prepare(config->state_dir, uid, gid, &err) < 0)
		die("state_directory", &err);
	if (chdir(config->state_dir) < 0 || chdir(STORE_SUBDIR) < 0)
		fatal("state_directory", "errno=%d", errno);
	role_confine(ROLE_STORE, config, ".", NULL);
	/* "." and not the path: confined, the directory may be the root of all there is. */
	if (store_open(&self.store, ".", &err) < 0 || store_packs_open(self.store, &err) < 0)
		die("database_unusable", &err);
}

static void report_ready(void)
{
	const struct msg_empty empty = {0};
	struct msg_keys_done keys = {0};
	struct err err = {0};

	if (store_keys_valid(self.store, &keys.count, &err) < 0)
		die("database_failed", &err);
	log_at(LOG_INFO, "store_ready", "keys=%u", keys.count);
	channel_send(&self.parent, MSG_PARENT_KEYS, &keys, NULL, 0);
	channel_send(&self.parent, MSG_PARENT_READY, &empty, NULL, 0);
}

int main(int argc, char **argv)
{
	struct config config;
	struct err err = {0};

	if (argc != 2) {
		fprintf(stderr, "usage: sandglass-store CONFIG (started by sandglassd)\n");
		return EXIT_USAGE;
	}
	role_ignore_signals();
	if (config_load(&config, argv[1], &err) < 0)
		die("config", &err);
	role_set_log_level("store", config.log_level);
	self.loop = loop_create(); /* the policy has no call to make one */
	open_database(&config);
	store_set_limits(self.store, config.sessions_per_key_max, config.session_bytes_per_key_max);
	config_finish(&config);
	if (!self.loop || channel_open(&self.parent, self.loop, ROLE_PARENT_FD, ROLE_STORE,
				       ROLE_PARENT, parent_handlers, on_parent_closed) < 0)
		fatal("parent_channel", "errno=%d", errno);
	report_ready();
	on_poll_due(&self.poll);
	on_sweep_due(&self.sweep);
	loop_run(self.loop);
	store_close(self.store);
	return 0;
}
