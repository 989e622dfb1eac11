/* SPDX-License-Identifier: Apache-2.0 */
#include "door/fetch.h"

#include "base/fd.h"
#include "ipc/channel.h"
#include "ipc/document.h"

#define WAITING_MAX 128 /* less than a channel holds */

static int send_ask(struct door *door, uint64_t number, struct slice url, struct slice accept)
{
	struct msg_fetch msg = {.number = number};
	_buf_finish_ struct buf text;

	buf_init(&text, FETCH_TEXT_MAX);
	if (!door->fetches.fetcher)
		return -ERR_UNAVAILABLE;
	if (buf_printf(&text, "%.*s\n%.*s\n", (int)url.len, url.data, (int)accept.len, accept.data) < 0)
		return -ERR_IO;
	int fd = fd_sealed_copy("fetch", text.data, text.len);
	if (fd < 0)
		return -ERR_IO;
	return channel_send(door->fetches.fetcher, MSG_FETCHER_FETCH, &msg, &fd, 1) < 0 ? -ERR_UNAVAILABLE : 0;
}

int fetch_ask(struct fetch_wait *wait, struct door *door, struct slice url, struct slice accept, size_t bytes_most)
{
	struct fetches *fetches = &door->fetches;
	int rc = fetches->waiting.len >= WAITING_MAX ? -ERR_QUEUE_FULL
						     : send_ask(door, ++fetches->last_number, url, accept);

	if (rc < 0)
		return rc;
	wait->door = door;
	wait->number = fetches->last_number;
	wait->status = 0;
	buf_init(&wait->bytes, bytes_most);
	list_push_back(&fetches->waiting, &wait->node);
	return 0;
}

void fetch_end(struct fetch_wait *wait)
{
	if (list_holds(&wait->node))
		list_remove(&wait->door->fetches.waiting, &wait->node);
	buf_finish(&wait->bytes);
}

static void finish(struct fetch_wait *wait, uint32_t status)
{
	list_remove(&wait->door->fetches.waiting, &wait->node);
	wait->status = status;
	wait->fn(wait);
}

void door_fetcher(struct door *door, struct channel *fetcher)
{
	struct list_node *node;

	door->fetches.fetcher = fetcher;
	while (!fetcher && (node = list_first(&door->fetches.waiting)))
		finish(container_of(node, struct fetch_wait, node), 0);
}

void door_fetched(struct door *door, const struct msg_fetched *msg, int fd)
{
	struct fetch_wait *wait;
	uint32_t status = msg->status;

	list_foreach(&door->fetches.waiting, wait, node) {
		if (wait->number != msg->number)
			continue;
		if (fd >= 0 && document_read(fd, wait->bytes.ceiling, &wait->bytes) < 0)
			status = 0;
		finish(wait, status);
		break;
	}
	fd_close(fd);
}
