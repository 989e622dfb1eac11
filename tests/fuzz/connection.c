/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"

#define PIECE_BYTES_MAX	 65536
#define PIECES_MAX	 128 /* then the rest at once: each piece is waited for */
#define TURNS		 3   /* of the loop, in which what can happen does */
#define BUFFER_BYTES_MAX (16 * MIB)

struct buf *transcript;
static struct loop *loop;
static struct http_server *server;

static void error_body(struct buf *out, struct http_request *request _unused_, int code,
		       const char *text, void *ctx _unused_)
{
	buf_printf(out, "{\"%s\":\"%s\"}", err_name(code), text ? text : "");
}

static void prepare(const struct connection_fuzz *fuzz)
{
	const struct http_config config = {.connections_max = 4,
					   .connections_max_per_ip = 4,
					   .header_time_ms = 600000,
					   .body_time_ms = 600000,
					   .body_rate_bytes = 1,
					   .idle_time_ms = 600000,
					   .write_time_ms = 600000,
					   .body_bytes_max = fuzz->body_bytes_max};
	static struct http_callbacks callbacks = {.error_body = error_body};

	callbacks.on_head = fuzz->on_head;
	callbacks.on_request = fuzz->on_request;
	loop = loop_create();
	server = http_server_create(loop, &config, &callbacks, NULL, NULL);
	insist(server, "a server");
}

/* --- driving --- */

static void stop(struct timer *timer _unused_)
{
	loop_stop(loop);
}

static void turn(const struct connection_fuzz *fuzz)
{
	struct timer timer = {0};

	loop_timer_set(loop, &timer, 0, stop);
	loop_run(loop);
	if (fuzz->on_turn)
		fuzz->on_turn();
}

static bool receive(int fd, struct buf *in)
{
	ssize_t got;

	while ((got = recv(fd, buf_reserve(in, 4096), 4096, MSG_DONTWAIT)) > 0)
		in->len += (size_t)got;
	return got == 0;
}

/* Until nothing more comes out of it. */
static void settle(const struct connection_fuzz *fuzz, int fd, struct buf *in)
{
	const struct http_counters *counters = http_server_counters(server);
	uint64_t before;

	do {
		before = counters->bytes_in + counters->bytes_out + counters->requests;
		for (int i = 0; i < TURNS; i++)
			turn(fuzz);
		receive(fd, in);
	} while (before != counters->bytes_in + counters->bytes_out + counters->requests);
}

/* In pieces of 1 to 16 bytes, or (cuts 0) all at once. */
static void send_pieces(const struct connection_fuzz *fuzz, int fd, struct slice data,
			uint32_t cuts, struct buf *in)
{
	for (unsigned pieces = 0; data.len; pieces++) {
		bool cut = cuts && pieces < PIECES_MAX;
		size_t n = cut ? MIN_OF(data.len, (size_t)(cuts & 15) + 1) : data.len;

		cuts = cuts >> 4 | cuts << 28;
		ssize_t sent = send(fd, data.data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN)
			break;
		settle(fuzz, fd, in);
		data.data += MAX_OF(sent, 0);
		data.len -= (size_t)MAX_OF(sent, 0);
	}
}

static void send_opening(const struct connection_fuzz *fuzz, int fd, uint32_t cuts, struct buf *in)
{
	if (!fuzz->opening)
		return;
	insist(send(fd, fuzz->opening, strlen(fuzz->opening), MSG_NOSIGNAL) > 0, "send");
	if (cuts)
		settle(fuzz, fd, in);
}

static void deliver(const struct connection_fuzz *fuzz, struct slice data, uint32_t cuts,
		    struct buf *out)
{
	int pair[2];
	struct buf in;

	transcript = out;
	buf_init(out, BUFFER_BYTES_MAX);
	buf_init(&in, BUFFER_BYTES_MAX);
	insist(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	insist(http_server_listen(server, pair[1], true, NULL) == 0, "listen");
	send_opening(fuzz, pair[0], cuts, &in);
	send_pieces(fuzz, pair[0], data, cuts, &in);
	settle(fuzz, pair[0], &in);
	fuzz->on_end(&in, receive(pair[0], &in));
	buf_finish(&in);
	close(pair[0]);
	while (http_server_counters(server)->open)
		turn(fuzz);
	if (fuzz->on_closed)
		fuzz->on_closed();
}

int connection_fuzz(const struct connection_fuzz *fuzz, const uint8_t *data, size_t len)
{
	struct buf whole, cut;
	uint32_t cuts;

	if (len < sizeof(cuts) || len > PIECE_BYTES_MAX)
		return 0;
	if (!server)
		prepare(fuzz);
	memcpy(&cuts, data, sizeof(cuts));
	struct slice rest = {(const char *)data + sizeof(cuts), len - sizeof(cuts)};
	deliver(fuzz, rest, 0, &whole);
	deliver(fuzz, rest, cuts | 1, &cut);
	if (!slice_equal(buf_slice(&whole), buf_slice(&cut)))
		fprintf(stderr, "whole: %.*s\ncut:   %.*s\n", (int)whole.len, whole.data,
			(int)cut.len, cut.data);
	insist(slice_equal(buf_slice(&whole), buf_slice(&cut)),
	       "where a packet ends changes nothing");
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
