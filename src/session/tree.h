/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a session as they are at one moment: never changed once made, so that a run can have them while
 * others look. Every entry has its directories before it.
 */
#ifndef SG_SESSION_TREE_H
#define SG_SESSION_TREE_H

#include "base/err.h"
#include "ipc/pack.h"

struct session_tree {
	unsigned references;
	size_t count;
	uint64_t bytes;          /* of all files, each in whole pages, as on the tmpfs */
	uint64_t live[PACKS_MAX + 1]; /* bytes of files in each pack */
	struct pack_item *items; /* in the order of pack_compare; with their names in the same memory */
};

/* One change: what is from now on at a path, or PACK_GONE. A file's content is at data, which is not the tree's. */
struct session_change {
	struct pack_item item;   /* offset and pack: not yet known */
	const char *data;        /* FILE; NULL: a pack has it already, as item says */
};

/* An empty one, or NULL out of memory. */
struct session_tree *tree_create(void);
struct session_tree *tree_ref(struct session_tree *tree);
/* NULL is harmless. */
void tree_unref(struct session_tree *tree);

/*
 * Items in their order, none twice, copied with their names. 0, -ERR_NO_MEMORY, or -ERR_PROTOCOL if a directory of one
 * is missing or none.
 */
int tree_make(struct session_tree **ret_tree, const struct pack_item *items, size_t count);
/*
 * The tree after changes, sorted by tree_sort. A file or link takes the place of all that was there; a directory keeps
 * what is in it. Those with data get the number `pack`. 0 or as tree_make.
 */
int tree_change(struct session_tree **ret_tree, const struct session_tree *tree,
		const struct session_change *changes, size_t count, unsigned pack);
void tree_sort(struct session_change *changes, size_t count);

/* The index of the first item that is not before this path; count if there is none. */
size_t tree_place(const struct session_tree *tree, unsigned root, struct slice path);
/* NULL: nothing is there. */
const struct pack_item *tree_find(const struct session_tree *tree, unsigned root, struct slice path);

/*
 * Whether something may be put there: 0, or -ERR_CONFLICT if a directory of the path is something else, or a
 * directory is there where a file is to be.
 */
int tree_may_put(const struct session_tree *tree, unsigned root, struct slice path, enum pack_type type,
		 struct err *err);

/* As struct job_session's rules for paths: relative, no empty, "." or ".." component, no NUL, not too long. */
bool tree_path_is_good(struct slice path);

#endif
