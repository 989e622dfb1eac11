/* SPDX-License-Identifier: Apache-2.0 */
#include "door/packs_read.h"

#include <string.h>

#include "base/fd.h"

void packs_read_init(struct packs_read *read)
{
	*read = (struct packs_read){0};
	for (unsigned i = 0; i < PACKS_MAX; i++)
		read->fds[i] = read->waits[i].fd = -1;
}

void packs_read_end(struct packs_read *read)
{
	for (unsigned i = 0; i < PACKS_MAX; i++) {
		packs_end(&read->waits[i]);
		read->fds[i] = fd_close(read->fds[i]);
	}
	tree_unref(read->tree);
	read->tree = NULL;
}

static int read_tree(struct packs_read *read)
{
	unsigned count = read->list->pack_count;
	uint64_t sizes[PACKS_MAX];

	if (count == 0)
		return (read->tree = tree_create()) ? 0 : -ERR_NO_MEMORY;
	for (unsigned i = 0; i < count; i++) {
		sizes[i] = read->list->packs[i].bytes;
		read->fds[i] = fd_steal(&read->waits[i].fd);
	}
	return index_read(&read->tree, read->fds[count - 1], sizes, count);
}

static void all_are_open(struct packs_read *read)
{
	int rc = read->err.code ? -read->err.code : read_tree(read);

	if (rc == -ERR_NOT_FOUND || rc == -ERR_PROTOCOL)
		err_set(&read->err, ERR_GONE, "The files are damaged or were not on the disk when the power went.");
	else if (rc < 0 && !read->err.code)
		err_set(&read->err, (enum err_code)-rc, "%s", err_default_text(rc));
	read->fn(read);
}

static void on_pack(struct pack_wait *wait)
{
	struct packs_read *read = wait->owner;

	if (wait->code && !read->err.code)
		read->err = wait->err;
	if (--read->left == 0)
		all_are_open(read);
}

int packs_read_begin(struct packs_read *read, struct door *door, const struct session_list *list,
		     void (*fn)(struct packs_read *read), struct err *err)
{
	int rc = 0;

	read->fn = fn;
	read->list = list;
	for (unsigned i = 0; rc == 0 && i < list->pack_count; i++) {
		struct msg_pack_ask ask;
		memset(&ask, 0, sizeof(ask));
		ask.op = PACK_OPEN;
		ask.bytes = list->packs[i].bytes;
		memcpy(ask.hash, list->packs[i].hash, sizeof(ask.hash));
		read->waits[i].fn = on_pack;
		read->waits[i].owner = read;
		rc = packs_ask(&read->waits[i], door, &ask, err);
		read->left += rc == 0;
	}
	if (rc == 0 && list->pack_count == 0)
		all_are_open(read);
	return rc;
}
