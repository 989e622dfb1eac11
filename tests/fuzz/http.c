/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a client through a whole connection. The first four bytes of the input say how the rest
 * is cut; the same bytes in one piece must yield the same requests and the same replies, because
 * where a packet ends may never change what a request is. What a handler is given is checked too.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/http.h"

#define PIECE_BYTES_MAX 65536

static struct loop *loop;
static struct http_server *server;
static struct http_request *waiting;

/* What one delivery led to: requests as the handler saw them, and statuses of replies. */
static struct buf *transcript;

static void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void check_headers(const struct http_request *request)
{
	unsigned hosts = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		insist(header_is_token(request->headers[i].name), "names are tokens");
		insist(header_is_value(request->headers[i].value), "values hold no control bytes");
		hosts += header_text_is(request->headers[i].name, slice_from("host"));
	}
	insist(hosts <= 1, "at most one Host");
}

static void on_gone(struct http_request *request)
{
	if (waiting == request)
		waiting = NULL;
}

static void reply(struct http_request *request)
{
	struct http_reply ok = {
	    .status = 200, .content_type = "text/plain", .body = slice_from("ok")};

	http_reply(request, &ok);
}

static void on_request(struct http_request *request, void *ctx _unused_)
{
	insist(request->path.len && request->path.data[0] == '/', "paths begin with a slash");
	check_headers(request);
	buf_printf(transcript, "%d %.*s?%.*s %zu %zu:", request->method, (int)request->path.len,
		   request->path.data, (int)request->query.len,
		   request->query.data ? request->query.data : "", request->header_count,
		   request->body.len);
	buf_append(transcript, request->body.data, request->body.len);
	if (request->path.len % 2) { /* every other kind of path is answered later */
		reply(request);
		return;
	}
	request->on_gone = on_gone;
	waiting = request;
}

static void error_body(struct buf *out, struct http_request *request _unused_, int code,
		       const char *text, void *ctx _unused_)
{
	buf_printf(out, "{\"%s\":\"%s\"}", err_name(code), text ? text : "");
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
	if (waiting)
		reply(steal_pointer(waiting));
}

static bool receive(int fd, struct buf *in)
{
	ssize_t got;

	while ((got = recv(fd, buf_reserve(in, 4096), 4096, MSG_DONTWAIT)) > 0)
		in->len += (size_t)got;
	return got == 0;
}

/* Until nothing more comes out of it. */
static void settle(int fd, struct buf *in)
{
	const struct http_counters *counters = http_server_counters(server);
	uint64_t before;

	do {
		before = counters->bytes_in + counters->bytes_out + counters->requests;
		step();
		step();
		receive(fd, in);
	} while (waiting ||
		 before != counters->bytes_in + counters->bytes_out + counters->requests);
}

/* "100 Continue" depends on timing, by design. */
static void note_replies(const struct buf *in, bool closed)
{
	const char *at = in->data, *end = in->data + in->len;

	while (at && (at = memmem(at, (size_t)(end - at), "HTTP/1.1 ", 9))) {
		at += 9;
		if (end - at > 3 && at[0] >= '2' && at[0] <= '5' && at[3] == ' ')
			buf_printf(transcript, "[%.3s]", at);
	}
	buf_append_text(transcript, closed ? "closed" : "open");
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
	while (len) {
		/* pieces of 1 to 16 bytes, or all at once */
		size_t n = cuts ? MIN_OF(len, (size_t)(cuts & 15) + 1)
				: MIN_OF(len, (size_t)PIECE_BYTES_MAX);
		cuts = cuts >> 4 | cuts << 28;
		if (send(pair[0], data, n, MSG_NOSIGNAL) < 0)
			break;
		settle(pair[0], &in);
		data += n;
		len -= n;
	}
	settle(pair[0], &in);
	note_replies(&in, receive(pair[0], &in));
	buf_finish(&in);
	close(pair[0]);
	while (http_server_counters(server)->open)
		step();
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
						  .body_bytes_max = 4096};
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
	if (!slice_equal(buf_slice(&whole), buf_slice(&cut))) {
		fprintf(stderr, "whole: %.*s\ncut:   %.*s\n", (int)whole.len, whole.data,
			(int)cut.len, cut.data);
		abort();
	}
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
