/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of a client behind a valid handshake. The first four bytes of the input say how the rest
 * is cut; in one piece it must yield the same messages. A handler that echoes, and closes when a
 * message says so, sees only what RFC 6455 lets through, and the client gets only whole frames.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/websocket.h"
#include "json/json.h"

#define PIECE_BYTES_MAX	  65536
#define MESSAGE_BYTES_MAX 4096
#define PIECES_MAX	  128 /* then the rest at once: each piece is waited for */

static const char opening[] =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

static struct loop *loop;
static struct http_server *server;
static struct buf *transcript; /* what the handler saw */
static unsigned open_sockets;

static void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

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

static void error_body(struct buf *out, struct http_request *request _unused_, int code,
		       const char *text _unused_, void *ctx _unused_)
{
	buf_printf(out, "{\"%s\":0}", err_name(code));
}

/* --- driving --- */

static void stop(struct timer *timer _unused_)
{
	loop_stop(loop);
}

static void step(void)
{
	struct timer timer = {0};

	loop_timer_set(loop, &timer, 0, stop);
	loop_run(loop);
}

static bool receive(int fd, struct buf *in)
{
	ssize_t got;

	while ((got = recv(fd, buf_reserve(in, 4096), 4096, MSG_DONTWAIT)) > 0)
		in->len += (size_t)got;
	return got == 0;
}

static void settle(int fd, struct buf *in)
{
	const struct http_counters *counters = http_server_counters(server);
	uint64_t before;

	do {
		before = counters->bytes_in + counters->bytes_out;
		for (int i = 0; i < 3; i++)
			step();
		receive(fd, in);
	} while (before != counters->bytes_in + counters->bytes_out);
}

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

static void check_frames(const struct buf *in)
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

static void deliver(const uint8_t *data, size_t len, uint32_t cuts, struct buf *out)
{
	int pair[2];
	struct buf in;

	transcript = out;
	buf_init(out, 16 * MIB);
	buf_init(&in, 16 * MIB);
	insist(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	insist(http_server_listen(server, pair[1], true, NULL) == 0, "listen");
	insist(send(pair[0], opening, sizeof(opening) - 1, MSG_NOSIGNAL) > 0, "send");
	if (cuts)
		settle(pair[0], &in);
	for (unsigned pieces = 0; len; pieces++) {
		bool cut = cuts && pieces < PIECES_MAX;
		size_t n = cut ? MIN_OF(len, (size_t)(cuts & 15) + 1) : len;
		cuts = cuts >> 4 | cuts << 28;
		ssize_t sent = send(pair[0], data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN)
			break;
		settle(pair[0], &in);
		data += MAX_OF(sent, 0);
		len -= (size_t)MAX_OF(sent, 0);
	}
	settle(pair[0], &in);
	check_frames(&in);
	buf_finish(&in);
	close(pair[0]);
	while (http_server_counters(server)->open)
		step();
	insist(open_sockets == 0, "every handler hears of the end");
}

static void prepare(void)
{
	static const struct http_config config = {.connections_max = 4,
						  .connections_max_per_ip = 4,
						  .header_time_ms = 600000,
						  .body_time_ms = 600000,
						  .body_rate_bytes = 1,
						  .idle_time_ms = 600000,
						  .write_time_ms = 600000,
						  .body_bytes_max = MESSAGE_BYTES_MAX};
	static const struct http_callbacks callbacks = {.on_request = on_request,
							.error_body = error_body};

	loop = loop_create();
	server = http_server_create(loop, &config, &callbacks, NULL, NULL);
	insist(server, "a server");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole, cut;
	uint32_t cuts;

	if (len < sizeof(cuts) || len > PIECE_BYTES_MAX)
		return 0;
	if (!server)
		prepare();
	memcpy(&cuts, data, sizeof(cuts));
	deliver(data + sizeof(cuts), len - sizeof(cuts), 0, &whole);
	deliver(data + sizeof(cuts), len - sizeof(cuts), cuts | 1, &cut);
	insist(slice_equal(buf_slice(&whole), buf_slice(&cut)),
	       "where a packet ends changes nothing");
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
