/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebSocket (RFC 6455, version 13, no extensions) on a connection that began as a request. Frames
 * are wslay's; the connection's deadlines, ceilings and back-pressure are ours.
 *
 * Calls only note what is to be done: callbacks come from the loop, never from inside one. No check
 * of Origin is needed: no browser adds what authenticates a client here to a request by itself.
 */
#ifndef SG_HTTP_WEBSOCKET_H
#define SG_HTTP_WEBSOCKET_H

#include "base/err.h"
#include "http/http.h"

#define WEBSOCKET_REASON_BYTES 123 /* RFC 6455 5.5: a control frame has at most 125 bytes */

struct websocket;

struct websocket_handler {
	/* A whole message, reassembled; text is valid UTF-8. It is gone when this returns. */
	void (*on_message)(struct websocket *socket, struct slice message, bool text, void *ctx);
	/* It was full and is not any more. */
	void (*on_drained)(struct websocket *socket, void *ctx);
	/* Closed by either side, or broken: the socket is gone when this returns. */
	void (*on_gone)(struct websocket *socket, void *ctx);
};

/* Whether the request is a valid handshake. 0, -ERR_BAD_REQUEST or -ERR_UPGRADE_REQUIRED. */
int websocket_check(const struct http_request *request, struct err *err);
/*
 * Answers a checked request with 101; it and its arena are gone then. NULL out of memory: the
 * request is still the caller's.
 */
struct websocket *websocket_accept(struct http_request *request,
				   const struct websocket_handler *handler, void *ctx);

/* Sends a message, copied; text is valid UTF-8. After websocket_close it does nothing. */
void websocket_send(struct websocket *socket, struct slice message, bool text);
/* The client is slow: send no more until on_drained. */
bool websocket_is_full(const struct websocket *socket);
/* While held no message is taken, and the client soon cannot send any more. */
void websocket_hold(struct websocket *socket, bool hold);
/* After all that was sent. reason is cut to WEBSOCKET_REASON_BYTES. */
void websocket_close(struct websocket *socket, unsigned code, const char *reason);

#endif
