/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the store for documents (ipc/document.h) in the name of an exchange's key. Answers come
 * later, by message; an exchange that is gone cancels its ask.
 */
#ifndef SG_DOOR_DOCUMENTS_H
#define SG_DOOR_DOCUMENTS_H

#include "door/door.h"
#include "ipc/document.h"

struct document_wait {
	struct list_node node; /* on door.documents.waiting while there is no answer */
	struct door *door;
	uint64_t number;
	void (*fn)(struct document_wait *wait); /* called once, never from inside documents_ask */
	void *owner;
	bool background; /* no caller waits for it: such asks have places of their own, and leave the others to callers */
	/* the answer */
	int code; /* 0 or a negative code with err */
	struct err err;
	struct buf bytes; /* owned: document_next reads it */
	uint32_t count;
};

/*
 * Sends an ask; of ask the op, kind, most, marked, id and parent are the caller's to set. put: what
 * document_write wrote, for DOCUMENT_PUT. 0, or a negative code with *err and nothing to wait for:
 * -ERR_UNAVAILABLE without a store, -ERR_QUEUE_FULL if too many wait. key NULL: with
 * DOCUMENT_RECALL.
 */
int documents_ask(struct document_wait *wait, struct door *door, const struct key *key,
		  struct msg_document_ask *ask, struct slice put, struct err *err);
/* Asks for finished runs of a key; bytes are struct audit_run then, count of them. As documents_ask. */
int documents_ask_runs(struct document_wait *wait, struct door *door, const struct key *key,
		       struct msg_runs_ask *ask, struct err *err);
/* The same, and nobody waits. */
void documents_tell(struct door *door, const struct key *key, struct msg_document_ask *ask,
		    struct slice put);
/* No answer is wanted any more, or it has been used: frees it. Harmless on one that was never sent.
 */
void documents_end(struct document_wait *wait);

/* An id as a message has it; false if it is too long to be one. */
bool document_id_copy(char out[static KEY_ID_BYTES], struct slice id);

#endif
