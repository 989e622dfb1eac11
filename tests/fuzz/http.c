/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests, as bytes: however they are cut, the same ones are seen and answered with the same
 * statuses, and bodies have the same bytes, kept or taken as they come. What a handler is given is
 * checked too.
 */
#define _GNU_SOURCE
#include <string.h>

#include "connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct http_request *waiting, *held;

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

static void reply_waiting(void)
{
	if (waiting)
		reply(steal_pointer(waiting));
	if (held)
		http_hold_body(steal_pointer(held), false);
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

/*
 * Bodies that are taken as they come, by the first letter of the path: t all of it; u to its first
 * byte, which is answered; v beside an answer in pieces; w held behind each piece, until the next turn.
 */
static char way_of(const struct http_request *request)
{
	return request->path.len > 1 ? request->path.data[1] : '/';
}

static void on_data(struct http_request *request, struct slice data)
{
	const struct http_reply begun = {.status = 200, .content_type = "text/plain"};
	char way = way_of(request);

	insist(data.len, "pieces are not empty");
	if (way == 't' || way == 'w')
		buf_append(transcript, data.data, data.len);
	if (way == 'u') {
		reply(request);
	} else if (way == 'v') {
		if (!request->owner)
			insist(http_stream_begin(request, &begun) == 0, "an answer may begin before the body ends");
		request->owner = request;
		http_stream_write(request, slice_from("."));
	} else if (way == 'w') {
		http_hold_body(request, true);
		held = request;
	}
}

static void on_end(struct http_request *request, int code, const char *why)
{
	insist(!why == !code, "mistakes have a reason");
	buf_printf(transcript, "(%d)", code);
	held = NULL;
	if (request->owner)
		http_stream_end(request);
	else
		reply(request);
}

static void on_taker_gone(struct http_request *request _unused_)
{
	held = NULL;
}

static void on_head(struct http_request *request, void *ctx _unused_)
{
	static const struct http_taker taker = {.on_data = on_data, .on_end = on_end};
	char way = way_of(request);

	check_headers(request);
	if (way < 't' || way > 'w')
		return;
	buf_printf(transcript, "%c:", way);
	http_take_body(request, &taker);
	request->on_gone = on_taker_gone;
	http_hold_body(request, false);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct connection_fuzz fuzz = {
	    .body_bytes_max = 4096,
	    .on_head = on_head,
	    .on_request = on_request,
	    .on_turn = reply_waiting,
	    .on_end = note_replies,
	};

	return connection_fuzz(&fuzz, data, len);
}
