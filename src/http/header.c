/* SPDX-License-Identifier: Apache-2.0 */
#include "http/header.h"

#include <strings.h>

bool header_text_is(struct slice text, struct slice other)
{
	return text.len == other.len &&
	       (text.len == 0 || strncasecmp(text.data, other.data, text.len) == 0);
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
