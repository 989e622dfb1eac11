/* SPDX-License-Identifier: Apache-2.0 */
#include "http/parser.h"

#include <llhttp.h>

#include "base/err.h"

struct parser {
	llhttp_t llhttp;
	struct http_header *headers;
	size_t count, capacity;
	struct http_header now; /* the header being read */
	struct slice target;
	bool head_done, keep_alive, chunked, done;
	bool chunk_seen;
	uint64_t content_length, chunk_bytes;
};

/* The text is one piece of memory, so the parts of a span lie behind each other. */
static void extend(struct slice *slice, const char *at, size_t len)
{
	if (!slice->data)
		slice->data = at;
	slice->len = (size_t)(at + len - slice->data);
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
	extend(&((struct parser *)llhttp->data)->target, at, len);
	return 0;
}

/* Trailers come through the same callbacks once the head is done: they are checked and dropped. */
static int on_field(llhttp_t *llhttp, const char *at, size_t len)
{
	struct parser *parser = llhttp->data;

	if (!parser->head_done)
		extend(&parser->now.name, at, len);
	return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
	struct parser *parser = llhttp->data;

	if (!parser->head_done)
		extend(&parser->now.value, at, len);
	return 0;
}

static int on_value_complete(llhttp_t *llhttp)
{
	struct parser *parser = llhttp->data;

	if (parser->head_done)
		return 0;
	if (parser->count == parser->capacity)
		return -1;
	parser->now.value = parser->now.value.data ? header_trim(parser->now.value) : slice_from("");
	parser->headers[parser->count++] = parser->now;
	parser->now = (struct http_header){0};
	return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
	struct parser *parser = llhttp->data;

	parser->head_done = true;
	parser->keep_alive = llhttp_should_keep_alive(llhttp);
	parser->chunked = llhttp->flags & F_CHUNKED;
	parser->content_length = llhttp->content_length;
	/* What follows is never llhttp's: WebSockets are accepted by their handlers, other wishes ignored (RFC 9110 7.8). */
	llhttp->upgrade = 0;
	return 0;
}

static int on_chunk_header(llhttp_t *llhttp)
{
	struct parser *parser = llhttp->data;

	parser->chunk_seen = true;
	parser->chunk_bytes = llhttp->content_length;
	return 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
	((struct parser *)llhttp->data)->done = true;
	return 0;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_chunk_header = on_chunk_header,
    .on_message_complete = on_message_complete,
};

struct parser *parser_create(struct arena *arena, size_t headers_max)
{
	struct parser *parser = arena_new(arena, struct parser);

	if (!parser)
		return NULL;
	parser->headers = arena_array(arena, struct http_header, headers_max + 1);
	if (!parser->headers)
		return NULL;
	parser->capacity = headers_max;
	llhttp_init(&parser->llhttp, HTTP_REQUEST, &settings);
	parser->llhttp.data = parser;
	return parser;
}

static int feed(struct parser *parser, struct slice text, const char **ret_why)
{
	if (llhttp_execute(&parser->llhttp, text.data, text.len) == HPE_OK)
		return 0;
	*ret_why = llhttp_get_error_reason(&parser->llhttp);
	return -ERR_BAD_REQUEST;
}

int parser_head(struct parser *parser, struct slice text, struct parsed *ret, const char **ret_why)
{
	int rc = feed(parser, text, ret_why);

	if (rc < 0)
		return rc;
	if (!parser->head_done)
		return -ERR_BAD_REQUEST;
	*ret = (struct parsed){
	    .target = parser->target,
	    .headers = parser->headers,
	    .header_count = parser->count,
	    .keep_alive = parser->keep_alive,
	    .chunked = parser->chunked,
	    .content_length = parser->content_length,
	};
	return 0;
}

int parser_body(struct parser *parser, struct slice piece, const char **ret_why)
{
	return feed(parser, piece, ret_why);
}

bool parser_take_chunk(struct parser *parser, uint64_t *ret_bytes)
{
	if (!parser->chunk_seen)
		return false;
	parser->chunk_seen = false;
	*ret_bytes = parser->chunk_bytes;
	return true;
}

bool parser_done(const struct parser *parser)
{
	return parser->done;
}
