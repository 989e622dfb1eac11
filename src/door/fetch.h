/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the fetcher (role/fetcher.c) for files of package indexes. Answers come later, by message.
 * It brings one at a time, so the others wait here, where nobody brings what nobody waits for any
 * more.
 */
#ifndef SG_DOOR_FETCH_H
#define SG_DOOR_FETCH_H

#include "door/door.h"
#include "ipc/messages.h"

struct fetch_wait {
	struct list_node node; /* on door.fetches.waiting while there is no answer */
	struct door *door;
	uint64_t number; /* 0: it has not been sent */
	struct slice url, accept;
	void (*fn)(struct fetch_wait *wait); /* called once, never from inside fetch_ask */
	void *owner;
	/* the answer */
	uint32_t status; /* of HTTP, or enum fetch_failure */
	struct buf
	    bytes; /* owned; what came with 200, as much as was asked for at most; else empty */
};

/* url and accept have no line breaks, and stay. 0, or -ERR_UNAVAILABLE (there is no fetcher) and
 * nothing to wait for. */
int fetch_ask(struct fetch_wait *wait, struct door *door, struct slice url, struct slice accept,
	      size_t bytes_most);
/* No answer is wanted any more, or it has been used. Harmless on one that was never sent. */
void fetch_end(struct fetch_wait *wait);

/* A fetcher is there (or, NULL, has gone, and the answers that were waited for with it). */
void door_fetcher(struct door *door, struct channel *fetcher);
/* What it says; body as received, fd is taken. */
void door_fetched(struct door *door, const struct msg_fetched *msg, int fd);

#endif
