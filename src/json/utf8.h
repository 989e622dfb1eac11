/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by bytes. */
#ifndef SG_JSON_UTF8_H
#define SG_JSON_UTF8_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Looks at the sequence at `at`, which is before `end`. Valid: its length, 1 to 4. Not valid:
 * minus the length of its maximal subpart, -1 to -3: what one U+FFFD stands for (Unicode 15, 3.9,
 * "Substitution of Maximal Subparts").
 */
int utf8_step(const unsigned char *at, const unsigned char *end);

#define UTF8_WORD     8
#define UTF8_TOP_BITS 0x8080808080808080u

/* The next UTF8_WORD bytes as one number, the first in its lowest bits. */
static inline uint64_t utf8_load(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return le64toh(word);
}

#endif
