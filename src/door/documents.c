/* SPDX-License-Identifier: Apache-2.0 */
#include "door/documents.h"
#include "door/packs.h"

#include <string.h>

#include "base/fd.h"
#include "ipc/channel.h"

/* Asks without an answer: together less than a channel holds. */
#define CALLERS_MAX	 192
#define BACKGROUND_MAX	 64
#define ANSWER_BYTES_MAX (4 * DOCUMENT_BYTES_MAX)

static int check_store(const struct door *door, struct err *err)
{
	if (door->store)
		return 0;
	return err_set(err, ERR_UNAVAILABLE,
		       door->embedded
			   ? "This needs a server with a database; this is an embedded one."
			   : "The database is being opened; send the request again.");
}

static int not_taken(struct err *err)
{
	return err_set(err, ERR_UNAVAILABLE,
		       "The database did not take this; send the request again.");
}

static int send_ask(struct door *door, const struct key *key, struct msg_document_ask *ask,
		    struct slice put, struct err *err)
{
	int fd = -1;

	if (check_store(door, err) < 0)
		return -ERR_UNAVAILABLE;
	if (key)
		memcpy(ask->key_id, key->facts.id, sizeof(ask->key_id));
	if (put.len) {
		fd = fd_sealed_copy("documents", put.data, put.len);
		if (fd < 0)
			return err_set(err, ERR_IO, "%s", err_default_text(ERR_IO));
	}
	return channel_send(door->store, MSG_STORE_DOCUMENTS, ask, &fd, fd >= 0) < 0
		   ? not_taken(err)
		   : 0;
}

static int check_room(const struct documents *documents, bool background, struct err *err)
{
	size_t callers = documents->waiting.len - documents->background;

	if (background ? documents->background < BACKGROUND_MAX : callers < CALLERS_MAX)
		return 0;
	return err_set(err, ERR_QUEUE_FULL, "The database is busy; send the request again.");
}

static void wait_for(struct document_wait *wait, struct door *door, uint64_t number)
{
	wait->door = door;
	wait->number = number;
	wait->code = 0;
	wait->count = 0;
	buf_init(&wait->bytes, ANSWER_BYTES_MAX);
	list_push_back(&door->documents.waiting, &wait->node);
	door->documents.background += wait->background;
}

static void stop_waiting(struct document_wait *wait)
{
	list_remove(&wait->door->documents.waiting, &wait->node);
	wait->door->documents.background -= wait->background;
}

int documents_ask(struct document_wait *wait, struct door *door, const struct key *key,
		  struct msg_document_ask *ask, struct slice put, struct err *err)
{
	int rc = check_room(&door->documents, wait->background, err);

	ask->number = ++door->documents.last_number;
	if (rc == 0)
		rc = send_ask(door, key, ask, put, err);
	if (rc == 0)
		wait_for(wait, door, ask->number);
	return rc;
}

int documents_ask_runs(struct document_wait *wait, struct door *door, const struct key *key,
		       struct msg_runs_ask *ask, struct err *err)
{
	int rc = check_room(&door->documents, wait->background, err);

	if (rc == 0)
		rc = check_store(door, err);
	if (rc < 0)
		return rc;
	ask->number = ++door->documents.last_number;
	memcpy(ask->key_id, key->facts.id, sizeof(ask->key_id));
	if (channel_send(door->store, MSG_STORE_RUNS, ask, NULL, 0) < 0)
		return not_taken(err);
	wait_for(wait, door, ask->number);
	return 0;
}

void documents_tell(struct door *door, const struct key *key, struct msg_document_ask *ask,
		    struct slice put)
{
	ask->number = 0;
	if (send_ask(door, key, ask, put, NULL) < 0)
		door->records_lost++;
}

void documents_end(struct document_wait *wait)
{
	if (list_holds(&wait->node))
		stop_waiting(wait);
	buf_finish(&wait->bytes);
}

static void finish(struct document_wait *wait)
{
	stop_waiting(wait);
	wait->fn(wait);
}

/* The store answers in order, so the one it means is near the front. */
static struct document_wait *find(struct documents *documents, uint64_t number)
{
	for (struct list_node *node = documents->waiting.head.next;
	     node != &documents->waiting.head; node = node->next) {
		struct document_wait *wait = container_of(node, struct document_wait, node);
		if (wait->number == number)
			return wait;
	}
	return NULL;
}

void door_documents_answer(struct door *door, const struct msg_documents *msg, int fd)
{
	struct document_wait *wait = find(&door->documents, msg->number);

	if (wait && msg->code) {
		wait->code = err_set(&wait->err, (enum err_code)msg->code, "%.*s",
				     MSG_TEXT_BYTES - 1, msg->text);
	} else if (wait && fd >= 0) {
		wait->count = msg->count;
		wait->code = document_read(fd, ANSWER_BYTES_MAX, &wait->bytes);
		if (wait->code < 0)
			err_set(&wait->err, (enum err_code) - wait->code, "%s",
				err_default_text(wait->code));
	}
	fd_close(fd);
	if (wait)
		finish(wait);
}

void door_store_gone(struct door *door)
{
	struct list_node *node;

	door->store = NULL;
	door_packs_gone(door);
	while ((node = list_first(&door->documents.waiting))) {
		struct document_wait *wait = container_of(node, struct document_wait, node);
		wait->code =
		    err_set(&wait->err, ERR_UNAVAILABLE, "%s", err_default_text(ERR_UNAVAILABLE));
		finish(wait);
	}
}

bool document_id_copy(char out[static KEY_ID_BYTES], struct slice id)
{
	if (id.len == 0 || id.len >= KEY_ID_BYTES || slice_has_nul(id))
		return false;
	memset(out, 0, KEY_ID_BYTES);
	memcpy(out, id.data, id.len);
	return true;
}
