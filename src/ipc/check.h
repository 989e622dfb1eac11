/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quick 64-bit sum of a file's content: tells whether a run has changed it. Not cryptographic: who makes two
 * contents with the same sum fools nobody but his own session.
 */
#ifndef SG_IPC_CHECK_H
#define SG_IPC_CHECK_H

#include <stddef.h>
#include <stdint.h>

#define CHECK_BLOCK 32

struct check {
	uint64_t lanes[4];
	uint64_t bytes;
	unsigned char rest[CHECK_BLOCK]; /* of what has come, bytes % CHECK_BLOCK */
};

void check_init(struct check *check);
void check_add(struct check *check, const void *data, size_t len);
uint64_t check_end(struct check *check);

static inline uint64_t check_of(const void *data, size_t len)
{
	struct check check;

	check_init(&check);
	check_add(&check, data, len);
	return check_end(&check);
}

#endif
