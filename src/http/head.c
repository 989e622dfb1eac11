/* SPDX-License-Identifier: Apache-2.0 */
#include "http/head.h"

#include "base/err.h"
#include "http/limits.h"

/* How often each of the headers below was seen, and what it said. */
struct fields {
	struct head *head;
	const char *why;
	unsigned hosts, lengths, encodings, expectations;
};

static int refuse(struct fields *fields, enum err_code code, const char *why)
{
	fields->why = why;
	return -(int)code;
}

/* uri-host and port of RFC 3986, loosely: what matters is that no byte splits or ends anything. */
static bool is_host(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];
		if (c <= ' ' || c >= 0x7f || strchr("\"#,/<>?@\\^`{|}", c))
			return false;
	}
	return true;
}

static int read_host(struct fields *fields, struct slice value)
{
	if (fields->hosts++)
		return refuse(fields, ERR_BAD_REQUEST, "There are two Host headers.");
	if (!is_host(value))
		return refuse(fields, ERR_BAD_REQUEST, "The Host header is not valid.");
	return 0;
}

static int read_content_length(struct fields *fields, struct slice value)
{
	uint64_t length = 0;

	if (fields->lengths++)
		return refuse(fields, ERR_BAD_REQUEST, "There are two Content-Length headers.");
	if (value.len == 0 || value.len > HTTP_CONTENT_LENGTH_DIGITS_MAX)
		return refuse(fields, ERR_BAD_REQUEST,
			      "Content-Length is not a number of 1 to 15 digits.");
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return refuse(fields, ERR_BAD_REQUEST,
				      "Content-Length is not a number of 1 to 15 digits.");
		length = length * 10 + (uint64_t)(value.data[i] - '0');
	}
	fields->head->content_length = length;
	return 0;
}

static int read_transfer_encoding(struct fields *fields, struct slice value)
{
	if (fields->encodings++)
		return refuse(fields, ERR_BAD_REQUEST, "There are two Transfer-Encoding headers.");
	if (!header_text_is(value, slice_from("chunked")))
		return refuse(fields, ERR_BAD_REQUEST,
			      "Only 'Transfer-Encoding: chunked' is understood.");
	fields->head->chunked = true;
	return 0;
}

/* RFC 9110 10.1.1: 417 for what is not known; an HTTP/1.0 client's is ignored. */
static int read_expect(struct fields *fields, struct slice value)
{
	if (fields->head->http_1_0)
		return 0;
	if (fields->expectations++ || !header_text_is(value, slice_from("100-continue")))
		return refuse(fields, ERR_EXPECTATION_FAILED, NULL);
	fields->head->expects_continue = true;
	return 0;
}

static const struct {
	struct slice name;
	int (*read)(struct fields *fields, struct slice value);
} known[] = {
    {{"host", 4}, read_host},
    {{"content-length", 14}, read_content_length},
    {{"transfer-encoding", 17}, read_transfer_encoding},
    {{"expect", 6}, read_expect},
};

static int read_header(struct fields *fields, const struct http_header *header)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (header_text_is(header->name, known[i].name))
			return known[i].read(fields, header->value);
	return 0;
}

/* RFC 9112 3.2 (one Host), 6.1 and 6.3 (one way to say where the body ends). */
static int check_fields(struct fields *fields)
{
	if (!fields->hosts && !fields->head->http_1_0)
		return refuse(fields, ERR_BAD_REQUEST, "There is no Host header.");
	if (fields->lengths && fields->encodings)
		return refuse(fields, ERR_BAD_REQUEST,
			      "There is both Content-Length and Transfer-Encoding.");
	if (fields->encodings && fields->head->http_1_0)
		return refuse(fields, ERR_BAD_REQUEST, "HTTP/1.0 has no Transfer-Encoding.");
	return 0;
}

static int read_fields(struct fields *fields)
{
	for (size_t i = 0; i < fields->head->header_count; i++) {
		int rc = read_header(fields, &fields->head->headers[i]);
		if (rc < 0)
			return rc;
	}
	return check_fields(fields);
}

/*
 * Origin-form only (RFC 9112 3.2.1): no proxy requests, no CONNECT, no '*'. Anything but visible
 * ASCII is refused, and '#', which no client sends and which some read as the end.
 */
static int split_target(struct head *head, struct slice target, const char **ret_why)
{
	if (target.len > HTTP_TARGET_BYTES_MAX)
		return -ERR_URI_TOO_LONG;
	*ret_why = "The request target is not a path.";
	if (target.len == 0 || target.data[0] != '/')
		return -ERR_BAD_REQUEST;
	for (size_t i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.data[i];
		if (c <= ' ' || c >= 0x7f || c == '#')
			return -ERR_BAD_REQUEST;
	}
	const char *mark = memchr(target.data, '?', target.len);
	head->path = (struct slice){target.data, mark ? (size_t)(mark - target.data) : target.len};
	if (mark)
		head->query = (struct slice){mark + 1, target.len - head->path.len - 1};
	return 0;
}

/* Cuts text at its first c; *rest is what follows. False if there is none. */
static bool cut(struct slice *rest, char c, struct slice *ret_first)
{
	const char *at = memchr(rest->data, c, rest->len);

	if (!at)
		return false;
	*ret_first = (struct slice){rest->data, (size_t)(at - rest->data)};
	rest->len -= ret_first->len + 1;
	rest->data = at + 1;
	return true;
}

/*
 * "METHOD SP target SP HTTP/1.x CRLF" and nothing else. llhttp would also take HTTP/0.9 (its issue
 * 877), HTTP/2.0, RTSP and ICE, so the line is taken apart here first.
 */
static int read_request_line(struct head *head, struct slice text, const char **ret_why)
{
	struct slice line, target;

	*ret_why = "The request line is not valid.";
	if (!cut(&text, '\r', &line) || !cut(&line, ' ', &head->method) ||
	    !cut(&line, ' ', &target))
		return -ERR_BAD_REQUEST;
	if (!header_is_token(head->method))
		return -ERR_BAD_REQUEST;
	head->http_1_0 = slice_equal(line, slice_from("HTTP/1.0"));
	if (!head->http_1_0 && !slice_equal(line, slice_from("HTTP/1.1"))) {
		*ret_why = "Only HTTP/1.1 and HTTP/1.0 are spoken here.";
		return -ERR_BAD_REQUEST;
	}
	return split_target(head, target, ret_why);
}

/* Both readings of the head must agree; where they do not, somebody else's would not either. */
static int compare(const struct head *head, const struct parsed *parsed, const char **ret_why)
{
	size_t target_bytes = head->path.len + (head->query.data ? head->query.len + 1 : 0);

	*ret_why = "The head of the request is ambiguous.";
	if (parsed->target.data != head->path.data || parsed->target.len != target_bytes)
		return -ERR_BAD_REQUEST;
	if (parsed->chunked != head->chunked)
		return -ERR_BAD_REQUEST;
	if (!head->chunked && parsed->content_length != head->content_length)
		return -ERR_BAD_REQUEST;
	return 0;
}

int head_parse(struct head *ret, struct slice text, size_t header_lines, struct arena *arena,
	       const char **ret_why)
{
	struct fields fields = {.head = ret};
	struct parsed parsed;

	*ret = (struct head){.parser = parser_create(arena, header_lines)};
	if (!ret->parser)
		return -ERR_NO_MEMORY;
	int rc = read_request_line(ret, text, ret_why);
	if (rc < 0)
		return rc;
	*ret_why = NULL;
	rc = parser_head(ret->parser, text, &parsed, ret_why);
	if (rc < 0)
		return rc;
	ret->headers = parsed.headers;
	ret->header_count = parsed.header_count;
	ret->keep_alive = parsed.keep_alive;
	rc = read_fields(&fields);
	*ret_why = fields.why;
	return rc < 0 ? rc : compare(ret, &parsed, ret_why);
}
