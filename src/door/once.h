/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again is
 * answered again and not done again. In memory, gone with the process; each API key has its own
 * names.
 */
#ifndef SG_DOOR_ONCE_H
#define SG_DOOR_ONCE_H

#include <stdint.h>

#include "base/buf.h"
#include "config/config.h"

#define ONCE_HASH_BYTES	    32
#define ONCE_NAME_BYTES_MAX 255

struct once;
struct once_entry;

/* SHA-256 of the name with its API key, and of what was asked. */
struct once_question {
	uint8_t name[ONCE_HASH_BYTES], request[ONCE_HASH_BYTES];
	const void *owner; /* whose it is: where there is no room, who has most makes room */
};

enum once_found {
	ONCE_NEW,     /* *ret_entry is to be kept or dropped */
	ONCE_KEPT,    /* *ret_entry has the answer, until the next call */
	ONCE_RUNNING, /* the first has not been answered yet */
	ONCE_OTHER,   /* the name stands for another request */
	ONCE_FULL,    /* too many are under way */
};

struct once_answer {
	int status;
	const char *content_type; /* static */
	struct buf body;
};

/* NULL out of memory. config must stay. */
struct once *once_create(const struct config *config);
void once_destroy(struct once *once);
enum once_found once_begin(struct once *once, const struct once_question *question, uint64_t now_ns,
			   struct once_entry **ret_entry);
const struct once_answer *once_answer(const struct once_entry *entry);
/* The answer has been made: a copy is kept, if it may be and fits; else the name is free again. */
void once_keep(struct once *once, struct once_entry *entry, int status, const char *content_type,
	       struct slice body, uint64_t now_ns);
/* There will be no answer. */
void once_drop(struct once *once, struct once_entry *entry);

struct once_counters {
	uint64_t kept, bytes, replayed;
};
const struct once_counters *once_counters(const struct once *once);

#endif
