/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the room: the server, its connections, and a connection's request.
 *
 * A connection makes progress in turns: the step of its state is called until one cannot go on,
 * then epoll is told what it waits for. Handlers are called in turns only, never from http_reply,
 * and a connection that is closed in its own turn is freed at the end of it.
 */
#ifndef SG_HTTP_CONNECTION_H
#define SG_HTTP_CONNECTION_H

#include "base/list.h"
#include "event/loop.h"
#include "http/chunked.h"
#include "http/head.h"
#include "http/http.h"
#include "http/limits.h"
#include "http/peers.h"
#include "http/scan.h"
#include "http/transport.h"

/* Only conn_set_state moves a connection; it is on server->connections[state]. */
enum conn_state {
#define X(state, step, late, lifeboat, events) CONN_##state,
#include "http/states.def"
#undef X
	CONN_STATES
};

struct request {
	struct http_request public;
	struct conn *conn;
	struct head head;
	struct chunked chunked;
	struct buf body;
	uint64_t body_began_ns, body_came;
	size_t kept_bytes;         /* of its handler's, http_keep_bytes */
	struct {
		const struct http_taker *taker; /* NULL: the body is kept for the handler */
		bool going;        /* more of it is to come */
		bool held;
		bool invite;       /* the client waits for a 100 */
		uint64_t held_ns;  /* since when it is */
		uint64_t late_ns;  /* the deadline */
		struct timer late, soon;
	} taking;
	struct {
		struct timer soon; /* a turn that writes what was given */
		bool was_full;
		bool failed;       /* out of memory: it is broken off */
		bool sized;
		uint64_t left;          /* sized: to be written yet */
	} stream;
};

/* Bytes that were read and not yet used; the memory is lent by the server while there are any. */
struct window {
	char *data; /* HTTP_READ_BYTES, or NULL */
	size_t at, len;
};

struct conn {
	struct list_node node;
	struct http_server *server;
	struct watch watch;
	struct timer timer;         /* the deadline of the state, or the next turn */
	struct transport transport;
	struct peer *peer;
	enum conn_state state;
	unsigned place;             /* in the lifeboat */
	bool in_turn;
	bool readable;              /* a read may yield something */
	bool keep_alive;            /* after the reply under way */
	struct window in;
	struct scan scan;           /* of the head in the window */
	uint64_t head_began_ns;
	struct request *request;    /* HEAD is done: BODY, CONTINUE, TAKE, WAIT and STREAM */
	struct buf out_head;        /* what the socket has not taken yet: first this (or a stream's pieces), */
	struct buf out_body;        /* then this from out_body_at */
	size_t out_at, out_body_at;
	uint64_t lingered_bytes;
	struct websocket *socket;   /* in SOCKET */
};

struct listener {
	struct list_node node;
	struct http_server *server;
	struct watch watch;
	struct timer timer; /* the end of a pause */
	struct ssl_ctx_st *tls;
};

struct http_server {
	struct loop *loop;
	struct http_config config;
	struct http_callbacks callbacks;
	void *ctx;
	unsigned char *lifeboat;
	bool draining;
	struct list listeners;
	struct list connections[CONN_STATES];
	struct peers *peers;
	unsigned *free_places, free_place_count;
	char *spare;                /* one window's memory: a quick request allocates none */
	struct buf head;            /* scratch: the head of a reply */
	struct buf taken;           /* scratch: a piece of a body on its way to its taker */
	uint64_t body_bytes, body_bytes_max; /* of all requests together */
	uint64_t reply_bytes;       /* kept in all out_body together */
	uint64_t date_s;
	char date[40];              /* of date_s, for the Date header */
	struct http_counters counters;
};

/* --- connection.c --- */

/* Takes over the accepted descriptor. tls may be NULL. */
void conn_open(struct http_server *server, int fd, struct peer *peer, struct ssl_ctx_st *tls);
/* Closes it; a handler that has the request hears of it. Freed now, or after its turn. */
void conn_close(struct conn *conn);
void conn_set_state(struct conn *conn, enum conn_state state);
/* In this state until then at most. */
void conn_set_deadline(struct conn *conn, uint64_t from_ns, uint64_t time_ms);
/* Asks the step of the state as long as it gets something done. Not from inside of a turn. */
void conn_have_turn(struct conn *conn);
/* Closes with a reset: the client takes nothing of what it was sent. */
void late_abort(struct conn *conn);
/* Outside a turn: waits for the next event, or has a turn soon if there is work already. */
void conn_settle(struct conn *conn);

/* Reads into the window; true if bytes came. Closes at the end of the stream. */
bool conn_fill(struct conn *conn);
/* Says how much of the window was used. */
void conn_use(struct conn *conn, size_t bytes);
static inline struct slice conn_unused(const struct conn *conn)
{
	if (!conn->in.data)
		return (struct slice){0};
	return (struct slice){conn->in.data + conn->in.at, conn->in.len - conn->in.at};
}

/* --- request.c --- */

/* Steps return true when they got something done and the (new) state is to be asked again. */
bool step_head(struct conn *conn);
/* Frees the request of a connection, if it has one. */
void request_free(struct conn *conn);

/* --- body.c --- */

/* The head has been read: goes on with the body, or to the handler. As a step. */
bool body_begin(struct conn *conn);
bool step_body(struct conn *conn);
/* Also in STREAM: an answer may begin before the body has ended. */
bool step_take(struct conn *conn);
/* What epoll is to wait for, for the body's sake. */
uint32_t take_events(const struct conn *conn);

/* --- reply.c --- */

bool step_write(struct conn *conn);
/* Drops what is left of a reply. */
void reply_drop(struct conn *conn);
/* Sends "100 Continue", then goes on with the body. */
void reply_continue(struct conn *conn);
/* All is said: waits for the client to close, so that it hears it. */
void reply_linger(struct conn *conn);
/* Answers an error of this room and closes. why NULL: the code's own text. */
void reply_refuse(struct conn *conn, int code, const char *why);

/* Sends the head of an answer in pieces, and sets its state. 0 or a negative code. */
int reply_pieces(struct conn *conn, const struct http_reply *reply);
/* In REPLY: all pieces were given, and what is left of them is sent as that of any reply. */
void reply_rest(struct conn *conn);

/* --- stream.c --- */

bool step_stream(struct conn *conn);
void late_stream(struct conn *conn);
/* What epoll is to wait for. */
uint32_t stream_events(const struct conn *conn);

/* --- websocket.c --- */

bool step_socket(struct conn *conn);
void late_socket(struct conn *conn);
/* What epoll is to wait for. */
uint32_t socket_events(const struct conn *conn);
/* Frees the WebSocket of a connection, if it is one; its handler hears of it. */
void socket_free(struct conn *conn);

#endif
