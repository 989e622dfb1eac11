/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier process has left: all documents of a kind, of all keys, that are marked as not
 * done with. Asked for again until the database has given all of them.
 */
#ifndef SG_DOOR_RECALL_H
#define SG_DOOR_RECALL_H

#include "door/documents.h"

struct recall {
	struct door *door;
	enum document_kind kind;
	void (*take)(struct recall *recall, const struct document *document);
	void (*all_taken)(struct recall *recall);
	/* its own */
	struct document_wait wait;
	struct timer timer;
	char after[KEY_ID_BYTES]; /* so far */
};

/* From the first one, also if it has begun before; each may be taken more than once then. */
void recall_begin(struct recall *recall);

#endif
