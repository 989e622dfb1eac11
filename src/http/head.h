/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a request: what RFC 9112 says about it, and what we refuse beyond. */
#ifndef SG_HTTP_HEAD_H
#define SG_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "http/header.h"
#include "http/parser.h"

struct head {
	struct slice method;
	struct slice path, query;
	const struct http_header *headers;
	size_t header_count;
	struct parser *parser;       /* goes on with a chunked body */
	bool http_1_0;
	bool keep_alive;             /* as the client wants it */
	bool chunked, expects_continue;
	uint64_t content_length;     /* 0 if none */
};

/*
 * text: a head that scan_head found, without empty lines in front, to its empty line, with so many
 * header lines; it must live as long as *ret. 0; -ERR_BAD_REQUEST, -ERR_URI_TOO_LONG,
 * -ERR_EXPECTATION_FAILED with the reason in *ret_why; -ERR_NO_MEMORY.
 */
int head_parse(struct head *ret, struct slice text, size_t header_lines, struct arena *arena,
               const char **ret_why);

#endif
