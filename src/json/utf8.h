/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by bytes. */
#ifndef SG_JSON_UTF8_H
#define SG_JSON_UTF8_H

/* What may stand second, by the first byte: Unicode 15, table 3-7. The others are always 80..BF. */
struct utf8_lead {
	unsigned char second_low, second_high;
	unsigned char bytes;
};

/* By the first byte's distance from C0. Without bytes: C0, C1, F5 to FF, which never occur. */
static const struct utf8_lead utf8_leads[0x40] = {
    [0x02 ... 0x1F] = {0x80, 0xBF, 2}, [0x20] = {0xA0, 0xBF, 3}, /* E0; below A0: overlong */
    [0x21 ... 0x2C] = {0x80, 0xBF, 3}, [0x2D] = {0x80, 0x9F, 3}, /* ED; above 9F: a surrogate */
    [0x2E ... 0x2F] = {0x80, 0xBF, 3}, [0x30] = {0x90, 0xBF, 4}, /* F0; below 90: overlong */
    [0x31 ... 0x33] = {0x80, 0xBF, 4}, [0x34] = {0x80, 0x8F, 4}, /* F4; above 8F: beyond U+10FFFF */
};

/*
 * Looks at the sequence at `at`, which is before `end` and begins with 0x80 or more. Valid: its
 * length, 2 to 4. Not valid: minus the length of its maximal subpart, -1 to -3: what one U+FFFD
 * stands for (Unicode 15, 3.9, "Substitution of Maximal Subparts").
 */
static inline int utf8_step(const unsigned char *at, const unsigned char *end)
{
	if (at[0] < 0xC0 || end - at < 2)
		return -1;
	const struct utf8_lead *lead = &utf8_leads[at[0] - 0xC0];
	if (!lead->bytes || at[1] < lead->second_low || at[1] > lead->second_high)
		return -1;
	for (int i = 2; i < lead->bytes; i++)
		if (at + i >= end || (at[i] & 0xC0) != 0x80)
			return -i;
	return lead->bytes;
}

#endif
