/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

void hex_write(char *out, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_read(uint8_t *out, size_t count, struct slice text)
{
	if (text.len != 2 * count)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (hex_digit(text.data[i]) < 0)
			return false;
	for (size_t i = 0; i < count; i++)
		out[i] = (uint8_t)(hex_digit(text.data[2 * i]) << 4 |
				   hex_digit(text.data[2 * i + 1]));
	return true;
}
