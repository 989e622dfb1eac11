/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648, section 4. */
#include "json/base64.h"

#include "base/util.h"
#include "json/json.h"

static const char alphabet[64] = {
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P',
    'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f',
    'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '/',
};

void base64_encode(char *out, const void *data, size_t len)
{
	const unsigned char *in = data;

	for (; len >= 3; len -= 3, in += 3, out += 4) {
		unsigned group = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];
		out[0] = alphabet[group >> 18];
		out[1] = alphabet[group >> 12 & 63];
		out[2] = alphabet[group >> 6 & 63];
		out[3] = alphabet[group & 63];
	}
	if (len == 0)
		return;
	unsigned group = (unsigned)in[0] << 16 | (len == 2 ? (unsigned)in[1] << 8 : 0);
	out[0] = alphabet[group >> 18];
	out[1] = alphabet[group >> 12 & 63];
	out[2] = len == 2 ? alphabet[group >> 6 & 63] : '=';
	out[3] = '=';
}

#define NOT_A_DIGIT 64

static unsigned digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	return c == '+' ? 62 : c == '/' ? 63 : NOT_A_DIGIT;
}

static int bad_group(size_t at, const char *path, struct err *err)
{
	return err_field(err, ERR_INVALID_FIELD, path,
			 "'%s' is not base64: wrong characters at byte %zu.", path, at);
}

/* Decodes whole groups of four. Returns how many characters were good. */
static size_t decode_groups(unsigned char *out, struct slice text)
{
	size_t at = 0;

	for (; at + 4 <= text.len; at += 4, out += 3) {
		unsigned a = digit_of(text.data[at]), b = digit_of(text.data[at + 1]);
		unsigned c = digit_of(text.data[at + 2]), d = digit_of(text.data[at + 3]);

		if ((a | b | c | d) & NOT_A_DIGIT)
			break;
		unsigned group = a << 18 | b << 12 | c << 6 | d;
		out[0] = (unsigned char)(group >> 16);
		out[1] = (unsigned char)(group >> 8);
		out[2] = (unsigned char)group;
	}
	return at;
}

/* The last group, which may be padded: its length in bytes, or 0 if it is not base64. */
static size_t decode_last(unsigned char *out, const char *group)
{
	size_t len = group[3] != '=' ? 3 : group[2] != '=' ? 2 : 1;
	unsigned value = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned digit = i <= len ? digit_of(group[i]) : 0;
		if (digit == NOT_A_DIGIT)
			return 0;
		value = value << 6 | digit;
	}
	for (size_t i = 0; i < 3; i++, value <<= 8)
		if (i < len)
			out[i] = (unsigned char)(value >> 16);
		else if (value & 0xFF0000)
			return 0; /* bits that belong to no byte: two texts would mean the same */
	return len;
}

int json_base64_decode(struct arena *arena, struct slice text, const char *path,
		       struct slice *ret_data, struct err *err)
{
	if (text.len % 4 != 0)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "'%s' is not base64: its length must be a multiple of 4.", path);
	unsigned char *out = arena_alloc(arena, text.len / 4 * 3 + 1);
	if (!out)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	struct slice body = {text.data, text.len ? text.len - 4 : 0};
	size_t good = decode_groups(out, body);
	if (good < body.len)
		return bad_group(good, path, err);
	size_t last = 0;
	if (text.len && (last = decode_last(out + good / 4 * 3, text.data + good)) == 0)
		return bad_group(good, path, err);
	*ret_data = (struct slice){(char *)out, good / 4 * 3 + last};
	return 0;
}
