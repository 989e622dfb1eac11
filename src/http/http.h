/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 for the front: strict RFC 9112 over llhttp, on the process's loop. The server owns
 * connections; a request belongs to its handler from on_request until http_reply.
 */
#ifndef SG_HTTP_HTTP_H
#define SG_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "event/loop.h"
#include "http/header.h"

#define HTTP_LENGTH_UNKNOWN UINT64_MAX

struct http_server;
struct http_request;

/* All in the units of their names; see config.def for meanings. */
struct http_config {
	uint64_t connections_max, connections_max_per_ip;
	uint64_t header_time_ms, body_time_ms, body_rate_bytes, idle_time_ms, write_time_ms;
	uint64_t body_bytes_max;
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS, HTTP_PATCH, HTTP_OTHER };

/* What a handler sees. Slices live in the arena, until the reply is sent. */
struct http_request {
	enum http_method method;
	struct slice path;          /* percent-encoded as sent, always begins with '/' */
	struct slice query;         /* behind '?', without it */
	const struct http_header *headers;
	size_t header_count;
	struct slice body;
	uint64_t body_bytes;        /* as announced, when there is a body; HTTP_LENGTH_UNKNOWN: it comes in chunks */
	struct arena *arena;        /* the request's; freed after the reply */
	uint64_t arrived_ns;        /* first byte of the head */
	void *owner;                /* the handler's */
	void *taker_ctx;            /* its taker's */
	/*
	 * The client has gone, or has shut down its sending side, which no HTTP client of note does
	 * while it waits; or the server is being destroyed. The request is freed when this returns and
	 * http_reply must not be called.
	 */
	void (*on_gone)(struct http_request *request);
	/* Of an answer in pieces: it was full and is not any more. May be NULL. */
	void (*on_drained)(struct http_request *request);
	/* Last, whether it was answered or has gone: its memory is about to be freed. May be NULL. */
	void (*on_freed)(void *ctx);
	void *freed_ctx;
};

struct http_reply {
	int status;
	const char *content_type;      /* NULL: no body */
	struct slice body;             /* copied, unless body_owned */
	struct buf *body_owned;        /* instead of body: its memory is taken over, the buf is left empty */
	const struct http_header *headers; /* more lines; one with a line break makes it all a 500 */
	size_t header_count;
	bool close;                    /* close the connection after it */
	bool sized;                    /* with http_stream_begin: size is what will be written, neither more nor less */
	uint64_t size;
};

struct http_callbacks {
	/*
	 * May be NULL. The head of a request that has a body is there, the body is not: a handler that
	 * answers now (no key, no such path) ends the connection and spares reading the body; one that
	 * calls http_take_body gets it as it comes.
	 */
	void (*on_head)(struct http_request *request, void *ctx);
	void (*on_request)(struct http_request *request, void *ctx);
	/*
	 * Makes the body of an error the HTTP layer itself answers (400, 408, 413, 431, ...): code is an
	 * enum err_code, text may be NULL. request: its head; NULL if that could not be read. Writes
	 * JSON to out.
	 */
	void (*error_body)(struct buf *out, struct http_request *request, int code, const char *text,
	                   void *ctx);
	/* A connection came to be, changed, or is gone: for the lifeboat. place is its index. */
	void (*on_hold)(unsigned place, int fd, void *ctx);
	void (*on_release)(unsigned place, void *ctx);
};

struct http_counters {
	uint64_t accepted, refused, requests, bad_requests, timeouts, bytes_in, bytes_out;
	uint64_t open;
};

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */

/* lifeboat: connections_max bytes of enum lifeboat_state (ipc/messages.h) kept up to date, or NULL. */
struct http_server *http_server_create(struct loop *loop, const struct http_config *config,
                                       const struct http_callbacks *callbacks, void *ctx,
                                       unsigned char *lifeboat);
void http_server_destroy(struct http_server *server);
/* Serves a listening socket, or (connected) one connection; takes ownership. tls may be NULL. 0 or -ERR_IO. */
int http_server_listen(struct http_server *server, int fd, bool connected, struct ssl_ctx_st *tls);
/* No new connections or requests: idle ones are closed, replies carry Connection: close. */
void http_server_drain(struct http_server *server);
/* Requests that wait for http_reply, replies not yet fully sent, streams and WebSockets. */
unsigned http_server_pending(const struct http_server *server);
const struct http_counters *http_server_counters(const struct http_server *server);

/*
 * Answers; the request is gone afterwards. Never fails for the caller: a broken connection is just
 * closed. Calls no handler: what the client sent ahead is handled when the loop runs again.
 */
void http_reply(struct http_request *request, const struct http_reply *reply);

/* --- bodies that nobody keeps whole --- */

/* None of it is called from inside of a call of the handler's. */
struct http_taker {
	/* data is the room's, until this returns. */
	void (*on_data)(struct http_request *request, struct slice data);
	/*
	 * Nothing more comes. 0: that was all of it. Else, why: the client has made a mistake, or is too
	 * slow, and the answer, which is still the handler's to give, ends the connection.
	 */
	void (*on_end)(struct http_request *request, int code, const char *why);
};

/*
 * In on_head: the body, of whatever size, goes to the taker; on_request is not called. Nothing of it
 * is read before http_hold_body(request, false). From now on the request is the handler's: it may be
 * answered at any time, which ends the connection unless on_end has said 0.
 */
void http_take_body(struct http_request *request, const struct http_taker *taker);
/* While it is held nothing is read of it, and the time of its client stands still. */
void http_hold_body(struct http_request *request, bool hold);
/*
 * So many bytes of it are kept by the handler until the request is gone; they count with the bodies
 * of others. False: all together are too many, and this is to be refused.
 */
bool http_keep_bytes(struct http_request *request, size_t bytes);

/* --- answers whose length nobody knows yet --- */

/*
 * Begins one: chunked (RFC 9112, 7.1), or with its length if that is known (sized), or for HTTP/1.0 to the end of the connection; of reply the
 * status, the type and the headers count. From 0 on the request is the handler's until http_stream_end,
 * and on_gone says when that must not be called any more. A negative code: nothing was sent, and the
 * request waits for http_reply.
 */
int http_stream_begin(struct http_request *request, const struct http_reply *reply);
/* One more piece, copied; it leaves when the loop runs again, and calls nothing before. */
void http_stream_write(struct http_request *request, struct slice piece);
/* The client is slow: no more until on_drained. */
bool http_stream_is_full(const struct http_request *request);
/* That was all. The request is gone afterwards. */
void http_stream_end(struct http_request *request);

/* The header's value, name in any case; {NULL, 0} if absent. */
struct slice http_request_header(const struct http_request *request, const char *name);
const char *http_status_text(int status);

/* An SSL_CTX of two PEM files: TLS 1.2 and 1.3, server side. NULL and *err on failure. */
struct err;
struct ssl_ctx_st *http_tls_create(const char *certificate_path, const char *key_path, struct err *err);
void http_tls_destroy(struct ssl_ctx_st *tls);

#endif
