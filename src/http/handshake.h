/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake of WebSocket, for websocket.c. */
#ifndef SG_HTTP_HANDSHAKE_H
#define SG_HTTP_HANDSHAKE_H

#include "http/websocket.h"

#define HANDSHAKE_ACCEPT_BYTES 29 /* base64 of a SHA-1 hash, and a NUL */

/* What Sec-WebSocket-Accept says to a key that websocket_check has passed. 0 or -ERR_NO_MEMORY. */
int handshake_accept(struct slice key, char ret_accept[static HANDSHAKE_ACCEPT_BYTES]);

#endif
