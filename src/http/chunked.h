/* SPDX-License-Identifier: Apache-2.0 */
/* A chunked body (RFC 9112 7.1) as it arrives. */
#ifndef SG_HTTP_CHUNKED_H
#define SG_HTTP_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/parser.h"

/* What the line being read is. */
enum chunked_line {
	CHUNKED_SIZE,
	CHUNKED_EXTENSION, /* of the same line, behind its first ';' */
	CHUNKED_END,       /* the CRLF behind a chunk's data */
	CHUNKED_TRAILER,   /* behind the chunk of size 0; the last one is empty */
};

/* All zero but for the first two before the first byte. */
struct chunked {
	struct parser *parser;   /* has read the head */
	uint64_t bytes_max;      /* of all chunks */
	enum chunked_line line;
	uint64_t left;           /* bytes of the current chunk still to come */
	size_t line_bytes;       /* of the current line of framing */
	uint64_t data_bytes;     /* of all chunks so far */
	uint64_t framing_bytes;  /* of all lines so far */
	char before;             /* the last byte of the current line, 0 at its start */
};

/*
 * Appends the data in these bytes to body. 1 when the body is complete, 0 when more must come;
 * -ERR_BAD_REQUEST with the reason in *ret_why, -ERR_BODY_TOO_LARGE as soon as a chunk announces
 * more than bytes_max, -ERR_NO_MEMORY. *ret_used: bytes that belonged to the body.
 */
int chunked_feed(struct chunked *chunked, struct slice bytes, struct buf *body, size_t *ret_used,
                 const char **ret_why);

#endif
