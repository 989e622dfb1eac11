/* SPDX-License-Identifier: Apache-2.0 */
/* A chunked body (RFC 9112 7.1) as it arrives. */
#ifndef SG_HTTP_CHUNKED_H
#define SG_HTTP_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/parser.h"

/* All zero but for the parser before the first byte. */
struct chunked {
	struct parser *parser;   /* has read the head */
	uint64_t left;           /* bytes of the current chunk still to come */
	size_t line_bytes;       /* of the current line of framing */
	uint64_t framing_bytes;  /* of all lines so far */
	char before;             /* the last byte of framing */
	bool last;               /* the chunk of size 0 was seen: trailers follow */
};

/*
 * Appends the data in these bytes to body, whose ceiling is the largest body. 1 when the body is
 * complete, 0 when more must come; -ERR_BAD_REQUEST with the reason in *ret_why,
 * -ERR_BODY_TOO_LARGE as soon as a chunk announces too much, -ERR_NO_MEMORY. *ret_used: bytes that
 * belonged to the body.
 */
int chunked_feed(struct chunked *chunked, struct slice bytes, struct buf *body, size_t *ret_used,
                 const char **ret_why);

#endif
