/* SPDX-License-Identifier: Apache-2.0 */
#include "http/multipart.h"

#include <strings.h>

#include "base/util.h"
#include "http/header.h"
#include "http/scan.h"

enum state {
	STATE_FIRST, /* of the first delimiter, whose CRLF is not there */
	STATE_AFTER, /* behind a delimiter */
	STATE_HEAD,
	STATE_DATA,
	STATE_CLOSED, /* behind the last delimiter: a CRLF may follow */
	STATE_ENDED,
};

static int refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_BAD_REQUEST, "%s", why);
}

static void cut(struct slice *bytes, size_t n)
{
	bytes->data += n;
	bytes->len -= n;
}

static struct slice trim(struct slice text)
{
	while (text.len && (*text.data == ' ' || *text.data == '\t'))
		cut(&text, 1);
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* --- parameters: of the request's media type, and of a part's disposition (RFC 9110, 5.6.6) --- */

static struct slice take_until(struct slice *text, const char *ends)
{
	struct slice taken = {text->data, 0};

	while (text->len && !strchr(ends, *text->data)) {
		taken.len++;
		cut(text, 1);
	}
	return taken;
}

/* Quoted strings have no escapes here: senders write %22 (RFC 7578, 4.2), and backslashes as they are. */
static bool take_value(struct slice *text, struct slice *ret_value)
{
	bool quoted = text->len && *text->data == '"';

	if (quoted)
		cut(text, 1);
	*ret_value = take_until(text, quoted ? "\"" : "; \t\"");
	if (!quoted)
		return ret_value->len;
	if (!text->len || *text->data != '"')
		return false;
	cut(text, 1);
	return true;
}

/* The first word, then ;name=value until there are no more. False: it is not of that form. */
static bool read_parameter(struct slice text, const char *word, const char *name,
			   struct slice *ret_value)
{
	struct slice key, value, found = {0};

	if (!header_text_is(trim(take_until(&text, ";")), slice_from(word)))
		return false;
	while (text.len) {
		cut(&text, 1);
		text = trim(text);
		key = take_until(&text, "=");
		if (!header_is_token(key) || !text.len)
			return false;
		cut(&text, 1);
		if (!take_value(&text, &value))
			return false;
		text = trim(text);
		if (text.len && *text.data != ';')
			return false;
		if (header_text_is(key, slice_from(name))) {
			if (found.data)
				return false;
			found = value;
		}
	}
	*ret_value = found;
	return found.data;
}

/* RFC 2046, 5.1.1: bchars. No CR is among them, on which read_data relies. */
static bool is_boundary(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i], lower = (char)(c | 0x20);
		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
		    !(c && strchr("'()+_,-./:=? ", c)))
			return false;
	}
	return text.len && text.len <= MULTIPART_BOUNDARY_BYTES_MAX &&
	       text.data[text.len - 1] != ' ';
}

bool multipart_init(struct multipart *multipart, struct slice content_type)
{
	struct slice boundary;

	*multipart = (struct multipart){.matched = 2, .state = STATE_FIRST};
	if (!read_parameter(content_type, "multipart/form-data", "boundary", &boundary) ||
	    !is_boundary(boundary))
		return false;
	memcpy(multipart->delimiter, "\r\n--", 4);
	memcpy(multipart->delimiter + 4, boundary.data, boundary.len);
	multipart->delimiter_bytes = 4 + boundary.len;
	return true;
}

bool multipart_ended(const struct multipart *multipart)
{
	return multipart->state == STATE_CLOSED || multipart->state == STATE_ENDED;
}

/* --- a part's head --- */

static bool take_line(struct slice *text, struct slice *ret_name, struct slice *ret_value)
{
	struct slice line = take_until(text, "\r");

	cut(text, 2);
	*ret_name = take_until(&line, ":");
	if (!header_is_token(*ret_name) || !line.len)
		return false;
	cut(&line, 1);
	*ret_value = trim(line);
	return header_is_value(*ret_value);
}

static bool is_identity(struct slice encoding)
{
	return header_text_is(encoding, SLICE_LITERAL("binary")) ||
	       header_text_is(encoding, SLICE_LITERAL("8bit")) ||
	       header_text_is(encoding, SLICE_LITERAL("7bit"));
}

static int read_line(struct multipart *multipart, struct slice name, struct slice value,
		     struct err *err)
{
	struct slice part;

	if (header_text_is(name, SLICE_LITERAL("Content-Type"))) {
		multipart->type = value;
	} else if (header_text_is(name, SLICE_LITERAL("Content-Transfer-Encoding"))) {
		if (!is_identity(value))
			return refuse(err, "Parts are sent as they are, without a transfer encoding.");
	} else if (header_text_is(name, SLICE_LITERAL("Content-Disposition"))) {
		if (multipart->name[0] || !read_parameter(value, "form-data", "name", &part) ||
		    part.len == 0 || part.len > MULTIPART_NAME_BYTES_MAX)
			return refuse(err, "A part's Content-Disposition is not valid.");
		memcpy(multipart->name, part.data, part.len);
		multipart->name[part.len] = '\0';
	}
	return 0;
}

static int read_lines(struct multipart *multipart, struct err *err)
{
	struct slice text = {multipart->head, multipart->head_bytes - 2}, name, value;
	int rc = 0;

	multipart->name[0] = '\0';
	multipart->type = (struct slice){0};
	while (text.len && rc == 0) {
		if (!take_line(&text, &name, &value))
			return refuse(err, "A part's head is not valid.");
		rc = read_line(multipart, name, value, err);
	}
	if (rc == 0 && !multipart->name[0])
		return refuse(err, "A part has no name.");
	return rc;
}

/* To the empty line. */
static int read_head(struct multipart *multipart, struct slice *bytes, struct err *err)
{
	char *head = multipart->head;
	size_t at = multipart->head_bytes;
	char before = at ? head[at - 1] : '\0';

	if (at == sizeof(multipart->head))
		return refuse(err, "A part's head is too long.");
	head[at] = *bytes->data;
	cut(bytes, 1);
	if (scan_byte(before == '\n' ? '\0' : before, head[at]))
		return refuse(err, "A part's head is not valid.");
	multipart->head_bytes = ++at;
	if (at < 2 || head[at - 1] != '\n' || (at > 2 && head[at - 3] != '\n'))
		return MULTIPART_MORE;
	multipart->state = STATE_DATA;
	int rc = read_lines(multipart, err);
	return rc < 0 ? rc : MULTIPART_PART;
}

/* --- what is around --- */

static int read_first(struct multipart *multipart, struct slice *bytes, struct err *err)
{
	if (*bytes->data != multipart->delimiter[multipart->matched])
		return refuse(err, "The body does not begin with its boundary.");
	cut(bytes, 1);
	if (++multipart->matched == multipart->delimiter_bytes) {
		multipart->matched = 0;
		multipart->state = STATE_AFTER;
	}
	return MULTIPART_MORE;
}

/* CRLF before the next part, or -- behind the last. */
static int read_after(struct multipart *multipart, struct slice *bytes, struct err *err)
{
	static const char *const ends[] = {"\r\n", "--"};
	char byte = *bytes->data;
	char first = multipart->matched ? multipart->head[0] : byte;
	const char *end = ends[first == '-'];

	if (byte != end[multipart->matched])
		return refuse(err, "What follows a boundary is neither a part nor the end.");
	cut(bytes, 1);
	multipart->head[0] = first;
	if (++multipart->matched < 2)
		return MULTIPART_MORE;
	multipart->matched = multipart->head_bytes = 0;
	multipart->state = first == '-' ? STATE_CLOSED : STATE_HEAD;
	return first == '-' ? MULTIPART_END : MULTIPART_MORE;
}

static int read_closed(struct multipart *multipart, struct slice *bytes, struct err *err)
{
	if (*bytes->data != "\r\n"[multipart->matched])
		return refuse(err, "Something follows the last part.");
	cut(bytes, 1);
	if (++multipart->matched == 2)
		multipart->state = STATE_ENDED;
	return MULTIPART_MORE;
}

/*
 * What has been matched of a delimiter that then was none is the part's, and can be had from the
 * delimiter itself. No other begins inside of that: its first byte, a CR, is in it only once.
 */
static int read_data(struct multipart *multipart, struct slice *bytes, struct slice *ret_data)
{
	const char *cr = multipart->matched ? bytes->data : memchr(bytes->data, '\r', bytes->len);
	size_t own = cr ? (size_t)(cr - bytes->data) : bytes->len;

	*ret_data = (struct slice){bytes->data, own};
	cut(bytes, own);
	if (own)
		return MULTIPART_DATA;
	while (bytes->len && *bytes->data == multipart->delimiter[multipart->matched]) {
		cut(bytes, 1);
		if (++multipart->matched < multipart->delimiter_bytes)
			continue;
		multipart->matched = 0;
		multipart->state = STATE_AFTER;
		return MULTIPART_MORE;
	}
	if (!bytes->len)
		return MULTIPART_MORE;
	*ret_data = (struct slice){multipart->delimiter, multipart->matched};
	multipart->matched = 0;
	return MULTIPART_DATA;
}

static int step(struct multipart *multipart, struct slice *bytes, struct slice *ret_data,
		struct err *err)
{
	switch ((enum state)multipart->state) {
	case STATE_FIRST:
		return read_first(multipart, bytes, err);
	case STATE_AFTER:
		return read_after(multipart, bytes, err);
	case STATE_HEAD:
		return read_head(multipart, bytes, err);
	case STATE_DATA:
		return read_data(multipart, bytes, ret_data);
	case STATE_CLOSED:
		return read_closed(multipart, bytes, err);
	default:
		return refuse(err, "Something follows the last part.");
	}
}

int multipart_next(struct multipart *multipart, struct slice *bytes, struct slice *ret_data,
		   struct err *err)
{
	int rc = MULTIPART_MORE;

	while (bytes->len && rc == MULTIPART_MORE)
		rc = step(multipart, bytes, ret_data, err);
	return rc;
}
