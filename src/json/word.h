/* SPDX-License-Identifier: Apache-2.0 */
/* Text eight bytes at a time. */
#ifndef SG_JSON_WORD_H
#define SG_JSON_WORD_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_BYTES    8
#define WORD_ONES     0x0101010101010101u
#define WORD_TOP_BITS 0x8080808080808080u

/* Eight bytes anywhere. Not memcpy: a hardened build makes a checked call of each. */
struct word {
	uint64_t bits;
} __attribute__((packed, may_alias));

/* The next WORD_BYTES bytes as one number, the first in its lowest bits. */
static inline uint64_t word_load(const void *at)
{
	return le64toh(((const struct word *)at)->bits);
}

static inline void word_store(void *at, uint64_t word)
{
	((struct word *)at)->bits = htole64(word);
}

/*
 * Tests yield words with the top bit of each byte that passes, and word_first the index of the
 * first of them, WORD_BYTES if there is none. A subtraction that borrows from the next byte can
 * make that one pass by mistake, so only the first is to be believed.
 */
static inline uint64_t word_below(uint64_t word, unsigned char limit)
{
	return (word - WORD_ONES * limit) & ~word & WORD_TOP_BITS; /* limit at most 0x80 */
}

static inline uint64_t word_equal(uint64_t word, unsigned char c)
{
	return word_below(word ^ WORD_ONES * c, 1);
}

static inline uint64_t word_not_ascii(uint64_t word)
{
	return word & WORD_TOP_BITS;
}

static inline size_t word_first(uint64_t hits)
{
	return hits ? (size_t)__builtin_ctzll(hits) / 8 : WORD_BYTES;
}

#endif
