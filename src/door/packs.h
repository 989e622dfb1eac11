/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the store for packs (ipc/pack.h). Answers come later, by message, in order with those to documents_ask. */
#ifndef SG_DOOR_PACKS_H
#define SG_DOOR_PACKS_H

#include "door/door.h"
#include "ipc/pack.h"

struct pack_wait {
	struct list_node node; /* on door.packs.waiting while there is no answer */
	struct door *door;
	uint64_t number;
	void (*fn)(struct pack_wait *wait); /* called once, never from inside packs_ask */
	void *owner;
	/* the answer */
	int code; /* 0 or a negative code with err */
	struct err err;
	int fd;   /* owned: NEW to write, KEEP and OPEN to read; -1: none */
};

/*
 * Sends an ask; of ask op, file, bytes and hash are the caller's to set, its number is the file's with NEW. 0, or a
 * negative code with *err and nothing to wait for.
 */
int packs_ask(struct pack_wait *wait, struct door *door, struct msg_pack_ask *ask, struct err *err);
/* There is no store any more; for door_store_gone. */
void door_packs_gone(struct door *door);
/* A file that will not be kept. Nobody waits. */
void packs_drop(struct door *door, uint64_t file);
/* No answer is wanted any more, or it has been used. Harmless on one that was never sent (zeroed, fd -1). */
void packs_end(struct pack_wait *wait);

#endif
