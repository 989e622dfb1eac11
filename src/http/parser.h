/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llhttp, kept in one file: its header and ours both name the methods HTTP_GET and so on, so only
 * parser.c may include it. It judges the grammar of bytes that scan.h has let through.
 */
#ifndef SG_HTTP_PARSER_H
#define SG_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "http/header.h"

struct parser;

/* What llhttp made of a head; slices point into the text given. */
struct parsed {
	struct slice target;
	const struct http_header *headers;
	size_t header_count;
	bool keep_alive, chunked;
	uint64_t content_length;
};

/* In the arena, with room for so many headers; NULL out of memory. */
struct parser *parser_create(struct arena *arena, size_t headers_max);
/* text: one head, to the empty line. 0, or -ERR_BAD_REQUEST with llhttp's reason. */
int parser_head(struct parser *parser, struct slice text, struct parsed *ret, const char **ret_why);

/* Goes on behind the head of a chunked request with a piece of its body. 0 or -ERR_BAD_REQUEST. */
int parser_body(struct parser *parser, struct slice piece, const char **ret_why);
/* The line just given was a chunk's: true once, with the bytes of data that follow. */
bool parser_take_chunk(struct parser *parser, uint64_t *ret_bytes);
/* The whole body, trailers included, was seen. */
bool parser_done(const struct parser *parser);

#endif
