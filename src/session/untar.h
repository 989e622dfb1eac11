/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an archive puts into a session: its entries as changes of a tree. Nothing of it is given to the kernel; names
 * are checked as all names of sessions are, links are kept as links, and who comes last under a name has it.
 */
#ifndef SG_SESSION_UNTAR_H
#define SG_SESSION_UNTAR_H

#include "base/arena.h"
#include "session/tar.h"
#include "session/tree.h"

struct untar {
	struct arena *arena;       /* where names go */
	unsigned root;             /* under which root, */
	struct slice below;        /* and which directory of it; {NULL, 0}: none, and "~/x" is the home's x */
	struct untar_entry *entries; /* owned */
	size_t count, room;
};

void untar_init(struct untar *untar, struct arena *arena, unsigned root, struct slice below);
void untar_finish(struct untar *untar);
/* One more entry; where its content is is the caller's to set. 0 or a negative code with *err. */
int untar_add(struct untar *untar, const struct tar_entry *entry, struct err *err);
/* The change of the entry that was added last; NULL if it needs none. */
struct session_change *untar_last(struct untar *untar);
/* All of an archive in memory, into which the changes lead then. 0 or a negative code with *err. */
int untar_all(struct untar *untar, struct slice archive, struct err *err);
/* The error of one that has no end. */
int untar_say_cut(struct err *err);
/*
 * After the last entry: the changes, sorted, each name once, with directories that nobody has made, in the arena. 0,
 * -ERR_BAD_REQUEST, -ERR_CONFLICT if the tree has something else there, or -ERR_NO_MEMORY.
 */
int untar_changes(struct untar *untar, const struct session_tree *tree, struct session_change **ret_changes,
		  size_t *ret_count, struct err *err);

#endif
