/* SPDX-License-Identifier: Apache-2.0 */
#include "door/packs.h"

#include <string.h>

#include "base/fd.h"
#include "ipc/channel.h"

#define WAITING_MAX 512 /* with those of documents.c fewer than a channel holds */

static int send_ask(struct door *door, const struct msg_pack_ask *ask, struct err *err)
{
	if (!door->store)
		return err_set(err, ERR_UNAVAILABLE,
			       door->embedded ? "Sessions need a server with a database; this is an embedded one."
					      : "The database is being opened; send the request again.");
	if (channel_send(door->store, MSG_STORE_PACK, ask, NULL, 0) < 0)
		return err_set(err, ERR_UNAVAILABLE, "The database did not take this; send the request again.");
	return 0;
}

int packs_ask(struct pack_wait *wait, struct door *door, struct msg_pack_ask *ask, struct err *err)
{
	struct documents *packs = &door->packs;

	if (packs->waiting.len >= WAITING_MAX)
		return err_set(err, ERR_QUEUE_FULL, "The database is busy; send the request again.");
	ask->number = ++packs->last_number;
	int rc = send_ask(door, ask, err);
	if (rc < 0)
		return rc;
	wait->door = door;
	wait->number = ask->number;
	wait->code = 0;
	wait->fd = -1;
	list_push_back(&packs->waiting, &wait->node);
	return 0;
}

void packs_drop(struct door *door, uint64_t file)
{
	struct msg_pack_ask ask;

	memset(&ask, 0, sizeof(ask));
	ask.op = PACK_DROP;
	ask.file = file;
	send_ask(door, &ask, NULL); /* without a store it is gone anyway */
}

void packs_end(struct pack_wait *wait)
{
	if (list_holds(&wait->node))
		list_remove(&wait->door->packs.waiting, &wait->node);
	wait->fd = fd_close(wait->fd);
}

static void finish(struct pack_wait *wait)
{
	list_remove(&wait->door->packs.waiting, &wait->node);
	wait->fn(wait);
}

/* The store answers in order: it is the first one that is still waited for, or nobody's. */
void door_packs_answer(struct door *door, const struct msg_pack *msg, int fd)
{
	struct list_node *node = list_first(&door->packs.waiting);
	struct pack_wait *wait = node ? list_entry(node, struct pack_wait, node) : NULL;

	if (!wait || wait->number != msg->number) {
		if (fd >= 0) /* the number is that of a file only if it was asked for with NEW, which then is nobody's */
			packs_drop(door, msg->number);
		fd_close(fd);
		return;
	}
	wait->fd = fd;
	if (msg->code)
		wait->code = err_set(&wait->err, (enum err_code)msg->code, "%.*s", MSG_TEXT_BYTES - 1, msg->text);
	finish(wait);
}

void door_packs_gone(struct door *door)
{
	struct list_node *node;

	while ((node = list_first(&door->packs.waiting))) {
		struct pack_wait *wait = list_entry(node, struct pack_wait, node);
		wait->code = err_set(&wait->err, ERR_UNAVAILABLE, "%s", err_default_text(ERR_UNAVAILABLE));
		finish(wait);
	}
}
