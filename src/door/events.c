/* SPDX-License-Identifier: Apache-2.0 */
#include "door/events.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

#define BUCKETS 1024 /* a power of two */
#define EVENT_BYTES                                                                                \
	(24 * GIB) /* a result with every byte escaped; what is in it was bounded before */
#define BEHIND_BYTES (256 * KIB) /* a follower may have so much to take before the program waits   \
				  */

static const struct {
	const char *name;
	bool forgotten, last;
} kinds[EVENT_KINDS] = {
#define X(name, text, forgotten, last) {text, forgotten, last},
#include "door/events.def"
#undef X
};

struct event {
	struct list_node node;
	uint64_t number;
	enum event_kind kind;
	struct buf text;
};

struct event_log {
	struct event_log *next_in_bucket;
	struct list_node node; /* ended and kept: on logs->ended, the oldest first */
	struct event_logs *logs;
	char id[ID_BYTES];
	const struct key *key;
	struct event_log_owner owner;
	struct list events, followers;
	uint64_t began_ns, count, bytes, output_bytes;
	struct timer expiry; /* once ended */
	bool kept, ended, pressure;
	unsigned held; /* calls under way that go on with it */
};

struct event_logs {
	const struct config *config;
	struct loop *loop;
	struct event_log *buckets[BUCKETS];
	struct list ended;
	struct event_counters counters;
};

struct event_logs *event_logs_create(const struct config *config, struct loop *loop)
{
	struct event_logs *logs = calloc(1, sizeof(*logs));

	if (!logs)
		return NULL;
	logs->config = config;
	logs->loop = loop;
	list_init(&logs->ended);
	return logs;
}

const struct event_counters *event_counters(const struct event_logs *logs)
{
	return &logs->counters;
}

static struct event_log **bucket_of(struct event_logs *logs, struct slice id)
{
	return &logs->buckets[slice_hash(id) & (BUCKETS - 1)];
}

/* --- the life of a log --- */

struct event_log *event_log_create(struct event_logs *logs, const char *id, const struct key *key,
				   bool kept, const struct event_log_owner *owner)
{
	struct event_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	snprintf(log->id, sizeof(log->id), "%s", id);
	log->logs = logs;
	log->key = key;
	log->kept = kept;
	log->owner = *owner;
	log->began_ns = clock_now_ns();
	list_init(&log->events);
	list_init(&log->followers);
	struct event_log **bucket = bucket_of(logs, slice_from(log->id));
	log->next_in_bucket = *bucket;
	*bucket = log;
	logs->counters.logs++;
	return log;
}

static void forget(struct event_log *log, struct event *event)
{
	list_remove(&log->events, &event->node);
	log->bytes -= event->text.len;
	log->logs->counters.bytes -= event->text.len;
	if (kinds[event->kind].forgotten)
		log->output_bytes -= event->text.len;
	buf_finish(&event->text);
	free(event);
}

static void destroy(struct event_log *log)
{
	struct event_log **link = bucket_of(log->logs, slice_from(log->id));
	struct event *event;

	while (*link != log)
		link = &(*link)->next_in_bucket;
	*link = log->next_in_bucket;
	if (list_holds(&log->node))
		list_remove(&log->logs->ended, &log->node);
	loop_timer_cancel(log->logs->loop, &log->expiry);
	list_foreach(&log->events, event, node) forget(log, event);
	log->logs->counters.logs--;
	free(log);
}

void event_logs_destroy(struct event_logs *logs)
{
	struct event_log *log;

	list_foreach(&logs->ended, log, node) destroy(log);
	free(logs);
}

/* Nobody writes, reads or may yet come: it goes. */
static void settle(struct event_log *log)
{
	if (log->ended && !log->kept && log->followers.len == 0 && !log->held)
		destroy(log);
}

/* Owners and followers may end and leave it while they are told something. */
static void hold(struct event_log *log)
{
	log->held++;
}

static void release(struct event_log *log)
{
	log->held--;
	settle(log);
}

static void on_expired(struct timer *timer)
{
	struct event_log *log = container_of(timer, struct event_log, expiry);

	log->kept = false;
	settle(log);
}

/* Of what has ended the oldest goes first; what still runs is bounded by each run's own limits. */
static void bound_all(struct event_logs *logs)
{
	struct event_log *log;

	list_foreach(&logs->ended, log, node)
	{
		if (logs->counters.bytes <= logs->config->stream_bytes_max)
			return;
		if (log->followers.len == 0 && !log->held)
			destroy(log);
	}
}

struct event_log *event_log_find(struct event_logs *logs, const struct key *key, struct slice id)
{
	struct event_log *log = *bucket_of(logs, id);

	while (log && !(log->kept && log->key == key && slice_equal(id, slice_from(log->id))))
		log = log->next_in_bucket;
	return log;
}

/* --- what is kept --- */

/* The number of the first event that some follower has not taken. */
static uint64_t first_needed(const struct event_log *log)
{
	const struct event_follower *follower;
	uint64_t first = log->count + 1;

	list_foreach(&log->followers, follower, node) if (follower->next) first =
	    MIN_OF(first, follower->next->number);
	return first;
}

/* Output that all have taken and that is more than is kept for those who come again. */
static void trim(struct event_log *log)
{
	uint64_t most = log->kept ? log->logs->config->stream_kept_bytes : 0;
	uint64_t needed = first_needed(log);
	struct event *event;

	list_foreach(&log->events, event, node)
	{
		if (log->output_bytes <= most || event->number >= needed)
			return;
		if (kinds[event->kind].forgotten)
			forget(log, event);
	}
}

/* Half of what begins it ends it, so that it does not change with every event. */
static void tell_pressure(struct event_log *log)
{
	const struct event_follower *follower;
	uint64_t behind = 0;

	list_foreach(&log->followers, follower, node) behind =
	    MAX_OF(behind, follower->behind_bytes);
	bool pressure = behind > (log->pressure ? BEHIND_BYTES / 2 : BEHIND_BYTES);
	if (pressure == log->pressure || log->ended)
		return;
	log->pressure = pressure;
	if (log->owner.on_pressure)
		log->owner.on_pressure(log->owner.ctx, pressure);
}

/* --- writing --- */

void event_begin(struct event_writer *w, struct event_log *log, enum event_kind kind)
{
	w->log = log;
	w->kind = kind;
	buf_init(&w->text, EVENT_BYTES);
	buf_printf(&w->text, "id: %llu\nevent: %s\ndata: ", (unsigned long long)log->count + 1,
		   kinds[kind].name);
	w->data_at = w->text.len;
	json_writer_init(&w->json, &w->text);
	json_object_open(&w->json, NULL);
	json_put_ms(&w->json, "time_ms", clock_now_ns() - log->began_ns);
}

/*
 * The end of the text; true if it is complete. A line break in what is JSON already is white space
 * between two tokens; here it would end the data.
 */
static bool finish_text(struct event_writer *w)
{
	json_object_close(&w->json);
	json_writer_finish(&w->json);
	for (size_t at = w->data_at; at < w->text.len; at++)
		if (w->text.data[at] == '\n' || w->text.data[at] == '\r')
			w->text.data[at] = ' ';
	return w->text.len && buf_append(&w->text, "\n\n", 2) == 0;
}

static void append(struct event_log *log, struct event *event, enum event_kind kind)
{
	struct event_follower *follower;

	event->kind = kind;
	event->number = ++log->count;
	list_push_back(&log->events, &event->node);
	log->bytes += event->text.len;
	log->logs->counters.bytes += event->text.len;
	if (kinds[kind].forgotten)
		log->output_bytes += event->text.len;
	list_foreach(&log->followers, follower, node)
	{
		if (!follower->next)
			follower->next = event;
		follower->behind_bytes += event->text.len;
	}
}

static void tell_followers(struct event_log *log)
{
	struct event_follower *follower;

	list_foreach(&log->followers, follower, node) follower->on_more(follower);
}

void event_end(struct event_writer *w)
{
	struct event_log *log = w->log;
	struct event *event = finish_text(w) ? calloc(1, sizeof(*event)) : NULL;

	if (!event) {
		buf_finish(&w->text);
		log->count++;
		return;
	}
	event->text = w->text;
	append(log, event, w->kind);
	hold(log);
	tell_followers(log);
	trim(log);
	tell_pressure(log);
	release(log);
}

void event_log_end(struct event_log *log)
{
	struct event_logs *logs = log->logs;

	log->ended = true;
	if (log->kept) {
		list_push_back(&logs->ended, &log->node);
		loop_timer_set(logs->loop, &log->expiry,
			       clock_now_ns() + logs->config->stream_time_ms * NS_PER_MS,
			       on_expired);
	}
	hold(log);
	tell_followers(log);
	release(log);
	bound_all(logs);
}

/* --- following --- */

void event_follow(struct event_follower *follower, struct event_log *log, uint64_t after)
{
	uint64_t wanted = log->count > after ? log->count - after : 0, here = 0;
	struct event *event;

	follower->log = log;
	follower->next = NULL;
	follower->behind_bytes = 0;
	list_push_back(&log->followers, &follower->node);
	list_foreach(&log->events, event, node)
	{
		if (event->number <= after)
			continue;
		if (!follower->next)
			follower->next = event;
		follower->behind_bytes += event->text.len;
		here++;
	}
	follower->missed = wanted - here;
}

struct slice event_next(const struct event_follower *follower)
{
	return follower->next ? buf_slice(&follower->next->text) : (struct slice){0};
}

bool event_is_last(const struct event_follower *follower)
{
	return follower->next && kinds[follower->next->kind].last;
}

void event_taken(struct event_follower *follower)
{
	struct event_log *log = follower->log;
	struct event *event = follower->next;
	struct list_node *after = event->node.next;

	follower->behind_bytes -= event->text.len;
	follower->next = after == &log->events.head ? NULL : list_entry(after, struct event, node);
	trim(log);
	tell_pressure(log);
}

bool event_is_over(const struct event_follower *follower)
{
	return follower->log->ended && !follower->next;
}

void event_leave(struct event_follower *follower)
{
	struct event_log *log = steal_pointer(follower->log);

	if (!log)
		return;
	list_remove(&log->followers, &follower->node);
	hold(log);
	tell_pressure(log);
	if (!log->ended && log->followers.len == 0 && log->owner.on_alone)
		log->owner.on_alone(log->owner.ctx);
	release(log);
}
