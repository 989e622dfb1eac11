/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens in a run, in its order, for those who follow it: at once, slowly, or again from
 * where they were cut off. An event is text that is ready to be sent, a Server-Sent Event of the
 * WHATWG's HTML standard (9.2.6). Events are numbered from 1 without gaps.
 *
 * A log that is kept can be found by its name, and keeps the last stream_kept_bytes of output and
 * every other event until stream_time_ms after its end; one that is not keeps what has not been
 * taken.
 */
#ifndef SG_DOOR_EVENTS_H
#define SG_DOOR_EVENTS_H

#include "base/buf.h"
#include "base/id.h"
#include "base/list.h"
#include "config/config.h"
#include "event/loop.h"
#include "json/json.h"

struct key;
struct event;
struct event_log;
struct event_logs; /* all of a process */

enum event_kind {
#define X(name, text, forgotten, last) EVENT_##name,
#include "door/events.def"
#undef X
	EVENT_KINDS
};

/* Who writes a log; functions may be NULL. Both may end or drop the log. */
struct event_log_owner {
	/* A follower takes less than is written, and the program should wait; or none does any
	 * more. */
	void (*on_pressure)(void *ctx, bool pressure);
	/* The last follower has gone before the end. */
	void (*on_alone)(void *ctx);
	void *ctx;
};

/* NULL out of memory. config and loop must stay. */
struct event_logs *event_logs_create(const struct config *config, struct loop *loop);
/* All of its logs have ended, and nobody follows one. */
void event_logs_destroy(struct event_logs *logs);

/*
 * A new log of a run with this id. kept: those who know the key and the id can follow it from now
 * on. NULL out of memory.
 */
struct event_log *event_log_create(struct event_logs *logs, const char *id, const struct key *key,
				   bool kept, const struct event_log_owner *owner);
/* Nothing more will come. The log is freed when nobody needs it any more: no call with it after
 * this. */
void event_log_end(struct event_log *log);
/* NULL: this key has none of that id that is kept. */
struct event_log *event_log_find(struct event_logs *logs, const struct key *key, struct slice id);

/* --- writing --- */

struct event_writer {
	struct event_log *log;
	enum event_kind kind;
	struct buf text;
	struct json_writer json;
	size_t data_at;
};

/* Opens an object that has the event's time; more members may be put into w->json. */
void event_begin(struct event_writer *w, struct event_log *log, enum event_kind kind);
/* Appends it and tells the followers. Out of memory: it is missing, and so is its number. */
void event_end(struct event_writer *w);

/* --- following --- */

struct event_follower {
	struct list_node node; /* on the log's list */
	struct event_log *log; /* NULL: it follows none */
	struct event *next;    /* NULL: all there is was taken */
	uint64_t behind_bytes; /* of next and what comes after it */
	uint64_t missed;       /* events that it asked for and that are not kept any more */
	void (*on_more)(struct event_follower *follower); /* there is more, or it is over */
};

/* Begins behind the event of that number, 0: with the first. */
void event_follow(struct event_follower *follower, struct event_log *log, uint64_t after);
/* The next event's text; {NULL, 0}: none yet, or ever if event_is_over. It stays until event_taken.
 */
struct slice event_next(const struct event_follower *follower);
/* Whether the next event is the last of all. */
bool event_is_last(const struct event_follower *follower);
void event_taken(struct event_follower *follower);
/* The log has ended and all of it was taken. */
bool event_is_over(const struct event_follower *follower);
/* Follows no longer; the log may be gone then. Harmless on one that follows none. */
void event_leave(struct event_follower *follower);

/* --- what it costs --- */

struct event_counters {
	uint64_t logs, bytes; /* now */
};
const struct event_counters *event_counters(const struct event_logs *logs);

#endif
