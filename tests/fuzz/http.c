/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests, as bytes: however they are cut, the same ones are seen and answered with the same
 * statuses. What a handler is given is checked too.
 */
#define _GNU_SOURCE
#include <string.h>

#include "connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct http_request *waiting;

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
	    .on_request = on_request,
	    .on_turn = reply_waiting,
	    .on_end = note_replies,
	};

	return connection_fuzz(&fuzz, data, len);
}
