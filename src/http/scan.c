/* SPDX-License-Identifier: Apache-2.0 */
#include "http/scan.h"

#include "base/err.h"
#include "http/header.h"
#include "http/limits.h"

const char *scan_byte(char before, char byte)
{
	unsigned char c = (unsigned char)byte;

	if (c == '\n')
		return before == '\r' ? NULL : "A line ends in a bare LF.";
	if (before == '\r')
		return "A CR is not followed by LF.";
	if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
		return "There is a control byte in the head or the chunk framing.";
	return NULL;
}

static int fail(const char **ret_why, enum err_code code, const char *why)
{
	*ret_why = why;
	return -(int)code;
}

/* RFC 9112 5.1: a name, which is a token, and the colon right behind it. */
static bool is_header_line(struct slice line)
{
	const char *colon = memchr(line.data, ':', line.len);

	return colon && header_is_token((struct slice){line.data, (size_t)(colon - line.data)});
}

/* The line from line_start ends at scan->at (its LF). 1: the head is complete, 0: go on. */
static int line_ended(struct scan *scan, const char *data, const char **ret_why)
{
	size_t len = scan->at - scan->line_start - 1;

	if (len == 0 && scan->lines > 0)
		return 1;
	/* RFC 9112 2.2: an empty line in front of the request line is ignored; we ignore one. */
	if (len == 0 && scan->skipped)
		return fail(ret_why, ERR_BAD_REQUEST, "The request begins with empty lines.");
	if (scan->lines && !is_header_line((struct slice){data + scan->line_start, len}))
		return fail(ret_why, ERR_BAD_REQUEST, "A header is not a name and a colon.");
	if (len == 0)
		scan->skipped = 2;
	else if (++scan->lines > HTTP_HEADERS_MAX + 1)
		return fail(ret_why, ERR_HEADERS_TOO_LARGE, "The request has too many headers.");
	scan->line_start = scan->at + 1;
	return 0;
}

static int check_place(const struct scan *scan, char byte, const char **ret_why)
{
	if (scan->lines && scan->at == scan->line_start && (byte == ' ' || byte == '\t'))
		return fail(ret_why, ERR_BAD_REQUEST, "A header is folded over two lines.");
	if (!scan->lines &&
	    scan->at - scan->line_start > HTTP_TARGET_BYTES_MAX + HTTP_METHOD_BYTES_MAX)
		return fail(ret_why, ERR_URI_TOO_LONG, NULL);
	return 0;
}

ssize_t scan_head(struct scan *scan, const char *data, size_t len, const char **ret_why)
{
	for (; scan->at < len; scan->at++) {
		char before = scan->at > scan->line_start ? data[scan->at - 1] : 0;
		const char *why = scan_byte(before, data[scan->at]);
		if (why)
			return fail(ret_why, ERR_BAD_REQUEST, why);
		int rc = data[scan->at] == '\n' ? line_ended(scan, data, ret_why)
						: check_place(scan, data[scan->at], ret_why);
		if (rc < 0)
			return rc;
		if (rc > 0)
			return (ssize_t)scan->at + 1;
		if (scan->at + 1 >= HTTP_HEAD_BYTES_MAX)
			return fail(ret_why, ERR_HEADERS_TOO_LARGE, NULL);
	}
	return 0;
}
