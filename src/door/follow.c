/* SPDX-License-Identifier: Apache-2.0 */
/* Server-Sent Events: from a log to a client, at the client's pace. */
#include "door/follow.h"

#include <stdio.h>

#include "door/headers.h"
#include "door/handlers.h"
#include "door/jobs.h"
#include "door/retry.h"

#define PIECE_BYTES (64 * KIB)
#define MEDIA_TYPE  "text/event-stream"
#define ID_DIGITS   19 /* a number of events below 2^63 */

/* In the request's arena. */
struct follow {
	struct exchange *exchange;
	struct event_follower follower;
	size_t at; /* of the next event's text so much was given to the client */
	struct timer heartbeat;
};

static void say(struct follow *follow, struct slice text)
{
	http_stream_write(follow->exchange->request, text);
}

static void on_heartbeat(struct timer *timer);

static void set_heartbeat(struct follow *follow)
{
	struct door *door = follow->exchange->door;

	loop_timer_set(door->loop, &follow->heartbeat,
		       clock_now_ns() + door->config->stream_heartbeat_ms * NS_PER_MS,
		       on_heartbeat);
}

/*
 * A comment: proxies and clients see that the connection lives, and we that the client does not.
 * One who is in the middle of an event is slow, and sees enough.
 */
static void on_heartbeat(struct timer *timer)
{
	struct follow *follow = container_of(timer, struct follow, heartbeat);

	if (follow->at == 0)
		say(follow, SLICE_LITERAL(":\n\n"));
	set_heartbeat(follow);
}

static void stop(struct follow *follow)
{
	loop_timer_cancel(follow->exchange->door->loop, &follow->heartbeat);
	event_leave(&follow->follower);
}

/* The next piece of the next event; true when that was its last one. */
static bool give_piece(struct follow *follow, struct slice text)
{
	struct slice piece = {text.data + follow->at, MIN_OF(text.len - follow->at, PIECE_BYTES)};

	say(follow, piece);
	follow->at += piece.len;
	return follow->at == text.len;
}

static void give(struct follow *follow)
{
	struct exchange *exchange = follow->exchange;
	struct slice text;

	while (!http_stream_is_full(exchange->request) &&
	       (text = event_next(&follow->follower)).data) {
		set_heartbeat(follow);
		if (!give_piece(follow, text))
			continue;
		/* who sends the request again with the same Idempotency-Key gets this one alone */
		if (event_is_last(&follow->follower))
			exchange_keep(exchange, 200, MEDIA_TYPE, text);
		follow->at = 0;
		event_taken(&follow->follower);
	}
	if (!event_is_over(&follow->follower))
		return;
	stop(follow);
	http_stream_end(exchange->request);
}

static void on_more(struct event_follower *follower)
{
	give(container_of(follower, struct follow, follower));
}

static void on_drained(struct http_request *request)
{
	give(request->owner);
}

static void on_gone(struct http_request *request)
{
	stop(request->owner);
}

/* How many events cannot be had any more: an event of its own, without a number. */
static void say_missed(struct follow *follow)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "event: gap\ndata: {\"missed\":%llu}\n\n",
			   (unsigned long long)follow->follower.missed);

	if (follow->follower.missed)
		say(follow, (struct slice){text, (size_t)len});
}

bool follow_wanted(const struct exchange *exchange)
{
	return header_list_has(http_request_header(exchange->request, "Accept"),
			       SLICE_LITERAL(MEDIA_TYPE));
}

int follow_log(struct exchange *exchange, struct event_log *log, uint64_t after,
	       const struct header_list *extra)
{
	struct http_request *request = exchange->request;
	struct follow *follow = arena_new(request->arena, struct follow);

	if (!follow)
		return -ERR_NO_MEMORY;
	*follow = (struct follow){.exchange = exchange, .follower.on_more = on_more};
	int rc = reply_stream(exchange, MEDIA_TYPE, extra);
	if (rc < 0)
		return rc;
	request->owner = follow;
	request->on_gone = on_gone;
	request->on_drained = on_drained;
	event_follow(&follow->follower, log, after);
	set_heartbeat(follow);
	say_missed(follow);
	give(follow);
	return 0;
}

/* --- GET /v1/executions/{id}/events --- */

/* As we sent it; anything else, and no header, is the beginning. */
static uint64_t last_event(const struct exchange *exchange)
{
	struct slice text = http_request_header(exchange->request, "Last-Event-ID");
	uint64_t number = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || i >= ID_DIGITS)
			return 0;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	return number;
}

void handle_events(struct exchange *exchange)
{
	struct slice id = exchange_param(exchange, 0);
	struct event_log *log = event_log_find(exchange->door->events, exchange->key, id);
	struct err err;

	if (!log)
		log = jobs_event_log(exchange->door->jobs, exchange->key, id);
	if (!log) {
		jobs_follow_ended(exchange);
		return;
	}
	if (follow_log(exchange, log, last_event(exchange), NULL) == 0)
		return;
	err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	reply_error(exchange, &err);
}
