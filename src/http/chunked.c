/* SPDX-License-Identifier: Apache-2.0 */
#include "http/chunked.h"

#include "base/err.h"
#include "http/limits.h"
#include "http/scan.h"

/* llhttp is given the data too, to keep count of it; it does not look at it. */
static int take_data(struct chunked *chunked, struct slice bytes, struct buf *body,
		     size_t *ret_used, const char **ret_why)
{
	struct slice piece = {bytes.data, (size_t)MIN_OF((uint64_t)bytes.len, chunked->left)};
	int rc = buf_append(body, piece.data, piece.len);

	if (rc < 0)
		return rc;
	chunked->left -= piece.len;
	chunked->data_bytes += piece.len;
	*ret_used = piece.len;
	return parser_body(chunked->parser, piece, ret_why);
}

static bool is_hex(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F') ||
	       (byte >= 'a' && byte <= 'f');
}

/* llhttp's strictness here depends on its version: 9.1 takes spaces behind a size, 9.2 does not. */
static const char *check_grammar(struct chunked *chunked, char byte)
{
	bool ends = byte == '\r' || byte == '\n';

	if (chunked->line == CHUNKED_SIZE && byte == ';')
		chunked->line = CHUNKED_EXTENSION;
	else if (chunked->line == CHUNKED_SIZE && !ends && !is_hex(byte))
		return "A chunk's size is not a hexadecimal number.";
	else if (chunked->line == CHUNKED_END && !ends)
		return "A chunk's data does not end where its size says.";
	else if (chunked->line == CHUNKED_TRAILER && !chunked->line_bytes &&
		 (byte == ' ' || byte == '\t'))
		return "A trailer is folded over two lines.";
	return NULL;
}

static const char *check_byte(struct chunked *chunked, char byte)
{
	const char *why = scan_byte(chunked->before, byte);

	if (!why)
		why = check_grammar(chunked, byte);
	if (++chunked->line_bytes > HTTP_CHUNK_LINE_BYTES_MAX && chunked->line != CHUNKED_TRAILER)
		why = "A chunk's extensions are too long.";
	chunked->before = byte;
	return why;
}

/* Up to the end of the line or of the bytes. */
static int scan_line(struct chunked *chunked, struct slice *bytes, const char **ret_why)
{
	for (size_t i = 0; i < bytes->len; i++) {
		*ret_why = check_byte(chunked, bytes->data[i]);
		if (*ret_why)
			return -ERR_BAD_REQUEST;
		if (bytes->data[i] == '\n')
			bytes->len = i + 1;
	}
	return 0;
}

/* The line is checked and llhttp has read it: what comes behind it? */
static int line_ended(struct chunked *chunked)
{
	uint64_t size;

	chunked->line_bytes = 0;
	chunked->before = 0;
	if (chunked->line == CHUNKED_END)
		chunked->line = CHUNKED_SIZE;
	if (!parser_take_chunk(chunked->parser, &size))
		return 0;
	if (size > chunked->bytes_max - chunked->data_bytes)
		return -ERR_BODY_TOO_LARGE;
	chunked->left = size;
	chunked->line = size ? CHUNKED_END : CHUNKED_TRAILER;
	return 0;
}

static int take_framing(struct chunked *chunked, struct slice bytes, size_t *ret_used,
			const char **ret_why)
{
	int rc = scan_line(chunked, &bytes, ret_why);

	if (rc < 0)
		return rc;
	chunked->framing_bytes += bytes.len;
	if (chunked->framing_bytes >
	    HTTP_FRAMING_BYTES_MAX + HTTP_FRAMING_BYTES_PER_BYTE * chunked->data_bytes) {
		*ret_why = "The chunks are too small for their framing, or the trailers too long.";
		return -ERR_BAD_REQUEST;
	}
	*ret_used = bytes.len;
	rc = parser_body(chunked->parser, bytes, ret_why);
	if (rc < 0 || chunked->before != '\n')
		return rc;
	return line_ended(chunked);
}

int chunked_feed(struct chunked *chunked, struct slice bytes, struct buf *body, size_t *ret_used,
		 const char **ret_why)
{
	*ret_used = 0;
	while (bytes.len && !parser_done(chunked->parser)) {
		size_t used = 0;
		int rc = chunked->left ? take_data(chunked, bytes, body, &used, ret_why)
				       : take_framing(chunked, bytes, &used, ret_why);
		if (rc < 0)
			return rc;
		*ret_used += used;
		bytes.data += used;
		bytes.len -= used;
	}
	return parser_done(chunked->parser);
}
