/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed run of bytes: never owned, never NUL-terminated by promise. */
#ifndef SG_BASE_SLICE_H
#define SG_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *data;
	size_t len;
};

#define SLICE_LITERAL(s) ((struct slice){(s), sizeof(s) - 1})

static inline struct slice slice_from(const char *text)
{
	return (struct slice){text, text ? strlen(text) : 0};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool slice_begins(struct slice text, struct slice begin)
{
	return text.len >= begin.len && slice_equal((struct slice){text.data, begin.len}, begin);
}

static inline bool slice_has_nul(struct slice s)
{
	return s.len && memchr(s.data, '\0', s.len);
}

/* FNV-1a, for tables of ids that others cannot choose. */
static inline uint32_t slice_hash(struct slice s)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.data[i]) * 16777619u;
	return hash;
}

/* Takes so many bytes off its front; NULL: it has fewer. */
static inline const char *slice_take(struct slice *from, uint64_t len)
{
	const char *start = from->data;

	if (len > from->len)
		return NULL;
	from->data += len;
	from->len -= len;
	return start;
}

#endif
