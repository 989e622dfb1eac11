/* SPDX-License-Identifier: Apache-2.0 */
#include "door/fetch.h"

#include "base/fd.h"
#include "ipc/channel.h"
#include "ipc/document.h"

static void finish(struct fetch_wait *wait, uint32_t status)
{
	list_remove(&wait->door->fetches.waiting, &wait->node);
	wait->status = status;
	wait->fn(wait);
}

static bool send(struct fetches *fetches, struct fetch_wait *wait)
{
	struct msg_fetch msg = {.number = ++fetches->last_number};
	_buf_finish_ struct buf text;

	buf_init(&text, FETCH_TEXT_MAX);
	if (buf_printf(&text, "%.*s\n%.*s\n", (int)wait->url.len, wait->url.data,
		       (int)wait->accept.len, wait->accept.data) < 0)
		return false;
	int fd = fd_sealed_copy("fetch", text.data, text.len);
	if (fd < 0 || channel_send(fetches->fetcher, MSG_FETCHER_FETCH, &msg, &fd, 1) < 0)
		return false;
	wait->number = fetches->under_way = msg.number;
	return true;
}

/* The one that waits the longest, if nothing is under way. */
static void go_on(struct door *door)
{
	struct fetches *fetches = &door->fetches;
	struct list_node *node;

	while (!fetches->under_way && (node = list_first(&fetches->waiting))) {
		struct fetch_wait *wait = container_of(node, struct fetch_wait, node);
		if (!fetches->fetcher || !send(fetches, wait))
			finish(wait, FETCH_UNREACHED);
	}
}

static void on_timer(struct timer *timer)
{
	go_on(container_of(timer, struct door, fetches.timer));
}

int fetch_ask(struct fetch_wait *wait, struct door *door, struct slice url, struct slice accept,
	      size_t bytes_most)
{
	if (!door->fetches.fetcher)
		return -ERR_UNAVAILABLE;
	wait->door = door;
	wait->number = 0;
	wait->url = url;
	wait->accept = accept;
	wait->status = 0;
	buf_init(&wait->bytes, bytes_most);
	list_push_back(&door->fetches.waiting, &wait->node);
	loop_timer_set(door->loop, &door->fetches.timer, clock_now_ns(), on_timer);
	return 0;
}

void fetch_end(struct fetch_wait *wait)
{
	if (list_holds(&wait->node))
		list_remove(&wait->door->fetches.waiting, &wait->node);
	buf_finish(&wait->bytes);
}

void door_fetcher(struct door *door, struct channel *fetcher)
{
	struct list_node *node;

	door->fetches.fetcher = fetcher;
	door->fetches.under_way = 0;
	while (!fetcher && (node = list_first(&door->fetches.waiting)))
		finish(container_of(node, struct fetch_wait, node), FETCH_UNREACHED);
}

void door_fetched(struct door *door, const struct msg_fetched *msg, int fd)
{
	struct fetch_wait *wait;
	uint32_t status = msg->status;

	if (msg->number == door->fetches.under_way)
		door->fetches.under_way = 0;
	list_foreach(&door->fetches.waiting, wait, node)
	{
		if (wait->number != msg->number)
			continue;
		if (fd >= 0 && document_read(fd, wait->bytes.ceiling, &wait->bytes) < 0)
			status = FETCH_TOO_LARGE;
		finish(wait, status);
		break;
	}
	fd_close(fd);
	go_on(door);
}
