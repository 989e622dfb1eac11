/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run whose streams are a WebSocket: what formats of that have in common. It lives as long as its
 * socket; its job is cancelled with it. A slow client makes the program wait, and a program that does
 * not read makes the client wait.
 */
#ifndef SG_DOOR_CONNECT_H
#define SG_DOOR_CONNECT_H

#include "door/reply.h"
#include "door/text.h"
#include "http/websocket.h"
#include "json/json.h"

#define CONNECT_MESSAGE_BYTES (6 * (TEXT_PART_BYTES + 4) + 4 * KIB) /* of ours: one part of output, escaped */

struct connect;

struct connect_format {
	const struct dialect *dialect; /* of the message that begins the run */
	unsigned begin_ms;	       /* in which that has to come */
	bool unlimited;		       /* limits.output_bytes do not count */
	void (*on_late)(struct connect *connect);
	void (*on_message)(struct connect *connect, struct slice message, bool text);
	void (*on_stage)(struct connect *connect);
	/* As it was written; where characters count, text_part and connect->tails are for that. */
	void (*on_output)(struct connect *connect, unsigned stream, struct slice data);
	void (*on_exit)(struct connect *connect);
	/* job->error or the result; the job is gone when this returns. */
	void (*on_finished)(struct connect *connect);
};

struct connect {
	const struct connect_format *format;
	struct door *door;
	struct key *key;
	struct websocket *socket;
	struct timer timer;    /* until the first message */
	struct arena *arena;   /* of the job's spec; NULL before that */
	struct job *job;       /* NULL before that, and at the end */
	struct job_feed feed;
	struct text_tail tails[2];
	uint64_t began_ns;
	unsigned signals;
};

/* Answers the exchange: with the socket, or with an error. */
void connect_open(struct exchange *exchange, const struct connect_format *format);
/* The first message: decodes it and submits its job. 0 or a negative code with *err. */
int connect_begin(struct connect *connect, struct slice message, struct err *err);
/* For the program's stdin. False: it does not read, and too much waits for it. */
bool connect_feed(struct connect *connect, struct slice data);
/* The number of a signal's name; 0: there is none of that name. */
int connect_signal_of(struct slice name);
/* Sends it. False: too many have been. */
bool connect_signal(struct connect *connect, int signal);

/* A message: an object with this as its type, to which more may be put before it is sent. */
void connect_message(struct json_writer *w, struct buf *out, const char *type);
void connect_send(struct connect *connect, struct json_writer *w);
/* "compile" or "run" */
const char *connect_stage(const struct connect *connect);

#endif
