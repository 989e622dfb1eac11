/* SPDX-License-Identifier: Apache-2.0 */
#include "json/utf8.h"

#include "json/json.h"

/* What may stand second, by the first byte: Unicode 15, table 3-7. The others are always 80..BF. */
struct lead {
	unsigned char first_low, first_high, second_low, second_high;
	int bytes;
};

static const struct lead leads[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, /* below A0: overlong */
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, /* above 9F: a surrogate */
    {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4}, /* below 90: overlong */
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}, /* above 8F: beyond U+10FFFF */
};

static const struct lead *lead_of(unsigned char first)
{
	for (size_t i = 0; i < ARRAY_LEN(leads); i++)
		if (first <= leads[i].first_high)
			return first >= leads[i].first_low ? &leads[i] : NULL;
	return NULL;
}

int utf8_step(const unsigned char *at, const unsigned char *end)
{
	if (at[0] < 0x80)
		return 1;
	const struct lead *lead = lead_of(at[0]);
	if (!lead || end - at < 2 || at[1] < lead->second_low || at[1] > lead->second_high)
		return -1;
	for (int i = 2; i < lead->bytes; i++)
		if (at + i >= end || (at[i] & 0xC0) != 0x80)
			return -i;
	return lead->bytes;
}

bool json_utf8_valid(struct slice bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	const unsigned char *end = at + bytes.len;

	while (at < end) {
		if (end - at >= UTF8_WORD && (utf8_load(at) & UTF8_TOP_BITS) == 0) {
			at += UTF8_WORD;
			continue;
		}
		int step = utf8_step(at, end);
		if (step < 0)
			return false;
		at += step;
	}
	return true;
}
