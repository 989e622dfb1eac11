/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a session or snapshot: its packs are opened, and the last one's index is read into a tree. */
#ifndef SG_DOOR_PACKS_READ_H
#define SG_DOOR_PACKS_READ_H

#include "door/packs.h"
#include "session/index.h"

struct packs_read {
	void (*fn)(struct packs_read *read);
	/* the answer */
	struct err err;              /* code 0: the rest is there; ERR_GONE: files are damaged or not there any more */
	struct session_tree *tree;   /* owned, until it is taken */
	int fds[PACKS_MAX];          /* of the list's packs, the same */
	/* its own */
	const struct session_list *list;
	struct pack_wait waits[PACKS_MAX];
	unsigned left;
};

/* So that packs_read_end may follow. */
void packs_read_init(struct packs_read *read);
/*
 * fn is called once, from inside of this if there are no packs; the list has to stay until then. 0, or a negative code with
 * *err and no call.
 */
int packs_read_begin(struct packs_read *read, struct door *door, const struct session_list *list,
		     void (*fn)(struct packs_read *read), struct err *err);
/* Nothing is wanted any more, and what was not taken goes. */
void packs_read_end(struct packs_read *read);

#endif
