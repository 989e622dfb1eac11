/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/check.h"

#include <string.h>

#include "base/util.h"

/* Odd numbers without a pattern: the first digits of the fractions of the square roots of 2, 3, 5 and 7. */
static const uint64_t odd[4] = {0x6a09e667f3bcc909, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1};

static uint64_t turn(uint64_t word, unsigned by)
{
	return word << by | word >> (64 - by);
}

/* Each step can be undone, so no two states and words of one lane meet. */
static uint64_t mix(uint64_t state, uint64_t word)
{
	return turn(state ^ (word * odd[0]), 29) * odd[1] + odd[2];
}

static void add_block(struct check *check, const unsigned char *data)
{
	uint64_t words[4];

	memcpy(words, data, sizeof(words));
	for (unsigned i = 0; i < 4; i++)
		check->lanes[i] = mix(check->lanes[i], words[i]);
}

void check_init(struct check *check)
{
	memset(check, 0, sizeof(*check));
	memcpy(check->lanes, odd, sizeof(check->lanes));
}

void check_add(struct check *check, const void *data, size_t len)
{
	const unsigned char *at = data;
	size_t have = check->bytes % CHECK_BLOCK;

	check->bytes += len;
	if (have) {
		size_t part = MIN_OF(len, CHECK_BLOCK - have);
		memcpy(check->rest + have, at, part);
		if (have + part < CHECK_BLOCK)
			return;
		add_block(check, check->rest);
		at += part;
		len -= part;
	}
	for (; len >= CHECK_BLOCK; at += CHECK_BLOCK, len -= CHECK_BLOCK)
		add_block(check, at);
	if (len)
		memcpy(check->rest, at, len);
}

uint64_t check_end(struct check *check)
{
	size_t have = check->bytes % CHECK_BLOCK;
	uint64_t sum = check->bytes * odd[3];

	if (have) {
		memset(check->rest + have, 0, CHECK_BLOCK - have);
		add_block(check, check->rest);
	}
	for (unsigned i = 0; i < 4; i++) {
		sum = mix(sum, check->lanes[i]);
		sum ^= sum >> 32;
	}
	sum *= odd[1];
	return sum ^ sum >> 29;
}
