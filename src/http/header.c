/* SPDX-License-Identifier: Apache-2.0 */
#include "http/header.h"

#include <string.h>
#include <strings.h>

#include "base/util.h"

bool header_text_is(struct slice text, struct slice other)
{
	return text.len == other.len &&
	       (text.len == 0 || strncasecmp(text.data, other.data, text.len) == 0);
}

struct slice header_trim(struct slice text)
{
	while (text.len && (*text.data == ' ' || *text.data == '\t'))
		text.data++, text.len--;
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Up to the byte or the end. */
static struct slice before(struct slice text, char byte)
{
	const char *end = text.len ? memchr(text.data, byte, text.len) : NULL;

	return (struct slice){text.data, end ? (size_t)(end - text.data) : text.len};
}

bool header_list_has(struct slice list, struct slice item)
{
	while (list.len) {
		struct slice element = before(list, ',');
		if (header_text_is(header_trim(before(element, ';')), item))
			return true;
		size_t used = MIN_OF(element.len + 1, list.len);
		list = (struct slice){list.data + used, list.len - used};
	}
	return false;
}

static bool is_token_byte(unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

bool header_is_token(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_token_byte((unsigned char)text.data[i]))
			return false;
	return text.len > 0;
}

bool header_is_value(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}
