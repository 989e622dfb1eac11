/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of a client behind a valid handshake. A handler that echoes, and closes when a message
 * says so, sees only what RFC 6455 lets through, and the client gets only whole frames.
 */
#define _GNU_SOURCE
#include <string.h>

#include "base/err.h"
#include "connection.h"
#include "http/websocket.h"
#include "json/json.h"

#define MESSAGE_BYTES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned open_sockets;

/* --- the handler --- */

static void on_message(struct websocket *ws, struct slice message, bool text, void *ctx _unused_)
{
	insist(message.len <= MESSAGE_BYTES_MAX, "messages have a ceiling");
	insist(!text || json_utf8_valid(message), "text is UTF-8");
	buf_printf(transcript, "%c%zu:", text ? 't' : 'b', message.len);
	buf_append(transcript, message.data, message.len);
	if (text)
		websocket_send(ws, message, text);
	if (message.len && message.data[0] == 'c')
		websocket_close(ws, 4000, "as asked");
}

static void on_drained(struct websocket *ws _unused_, void *ctx _unused_)
{
}

static void on_gone(struct websocket *ws _unused_, void *ctx _unused_)
{
	open_sockets--;
}

static const struct websocket_handler handler = {on_message, on_drained, on_gone};

static void on_request(struct http_request *request, void *ctx _unused_)
{
	struct err err;

	insist(websocket_check(request, &err) == 0, "the handshake is valid");
	insist(websocket_accept(request, &handler, NULL) != NULL, "memory");
	open_sockets++;
}

/* --- what the client got --- */

/* Length of the frame at the front; 0: it is not whole. */
static size_t frame_bytes(const unsigned char *at, size_t len)
{
	size_t payload, head = 2;

	if (len < 2)
		return 0;
	insist((at[0] & 0xF0) == 0x80 && at[1] < 128,
	       "the server's frames are whole and not masked");
	insist(strchr("\x1\x8\x9\xA", at[0] & 15) != NULL,
	       "it sends text, pings, pongs and a close");
	payload = at[1];
	if (payload == 126) {
		head = 4;
		if (len < head)
			return 0;
		payload = (size_t)at[2] << 8 | at[3];
	}
	insist(payload <= MESSAGE_BYTES_MAX, "it sends nothing larger than it got");
	return head + payload <= len ? head + payload : 0;
}

static void check_frames(const struct buf *in, bool gone _unused_)
{
	const char *body = memmem(in->data, in->len, "\r\n\r\n", 4);

	insist(body && memcmp(in->data, "HTTP/1.1 101 ", 13) == 0, "the handshake is accepted");
	const unsigned char *at = (const unsigned char *)body + 4,
			    *end = (const unsigned char *)in->data + in->len;
	bool closed = false;
	for (size_t bytes; at < end; at += bytes) {
		insist(!closed, "nothing follows a close");
		bytes = frame_bytes(at, (size_t)(end - at));
		insist(bytes > 0, "the last frame is whole");
		closed = (at[0] & 15) == 8;
	}
}

static void check_ends(void)
{
	insist(open_sockets == 0, "every handler hears of the end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct connection_fuzz fuzz = {
	    .body_bytes_max = MESSAGE_BYTES_MAX,
	    .opening =
		"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n",
	    .on_request = on_request,
	    .on_end = check_frames,
	    .on_closed = check_ends,
	};

	return connection_fuzz(&fuzz, data, len);
}
