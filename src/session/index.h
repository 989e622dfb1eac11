/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a pack (ipc/pack.h), and the body of a session's document. */
#ifndef SG_SESSION_INDEX_H
#define SG_SESSION_INDEX_H

#include "base/buf.h"
#include "session/tree.h"

/* The end of a pack of so many bytes of content: padding, the tree's entries, the foot. 0, -ERR_TOO_LARGE or -ERR_NO_MEMORY. */
int index_write(struct buf *out, const struct session_tree *tree, uint64_t content_bytes);
/*
 * Reads that of an open pack into a tree; sizes are those of the session's packs, of which it is the last. 0,
 * -ERR_IO, -ERR_NO_MEMORY, or -ERR_PROTOCOL if it is none.
 */
int index_read(struct session_tree **ret_tree, int fd, const uint64_t *sizes, unsigned pack_count);
/* The same of an index in memory (8-aligned), without its foot: everything in it is checked. */
int index_parse(struct session_tree **ret_tree, const char *bytes, size_t len, uint32_t entries, const uint64_t *sizes,
		unsigned pack_count);

/* --- struct pack_list --- */

struct session_list {
	struct pack_ref packs[PACKS_MAX];
	unsigned pack_count;
	struct slice *env;        /* in memory that the list was read from */
	unsigned env_count;
};

#define SESSION_ENV_MAX 1000

int list_write(struct buf *out, const struct session_list *list);
/* 0, -ERR_NO_MEMORY or -ERR_PROTOCOL. env is the caller's to free; its texts lead into body and have NULs. */
int list_read(struct session_list *ret_list, struct slice body);

#endif
