/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "ipc/channel.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/message.h"

#define CHANNEL_QUEUE_MAX 1024 /* messages; past it the peer has stopped reading */
#define CHANNEL_BURST     64   /* messages handled before other descriptors get their turn */

struct outgoing {
	struct list_node node;
	enum msg_type type;
	int fds[MSG_FDS_MAX];
	unsigned fd_count;
	char body[];
};

static void close_fds(int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		fds[i] = fd_close(fds[i]);
}

static void outgoing_free(struct outgoing *out)
{
	close_fds(out->fds, out->fd_count);
	free(out);
}

static void closed_by_peer(struct channel *channel)
{
	channel_close(channel);
	if (channel->on_closed)
		channel->on_closed(channel);
}

/* Sends what is queued; 0 when all of it went or the socket is full again. */
static int flush(struct channel *channel)
{
	struct list_node *node;

	while ((node = list_first(&channel->outgoing))) {
		struct outgoing *out = list_entry(node, struct outgoing, node);
		int rc = message_send_flags(channel->fd, out->type, out->body, out->fds, out->fd_count,
		                            MSG_DONTWAIT);
		if (rc == -ERR_AGAIN)
			return 0;
		list_remove(&channel->outgoing, node);
		outgoing_free(out);
		if (rc < 0)
			return rc;
	}
	loop_modify(channel->loop, &channel->watch, EPOLLIN);
	return 0;
}

static int enqueue(struct channel *channel, enum msg_type type, const void *body, const int *fds,
                   unsigned fd_count)
{
	size_t size = message_size(type);

	if (channel->outgoing.len >= CHANNEL_QUEUE_MAX)
		return -ERR_TOO_LARGE;
	struct outgoing *out = calloc(1, sizeof(*out) + size);
	if (!out)
		return -ERR_NO_MEMORY;
	out->type = type;
	out->fd_count = fd_count;
	memcpy(out->body, body, size);
	for (unsigned i = 0; i < fd_count; i++)
		out->fds[i] = fds[i];
	list_push_back(&channel->outgoing, &out->node);
	loop_modify(channel->loop, &channel->watch, EPOLLIN | EPOLLOUT);
	return 0;
}

int channel_send(struct channel *channel, enum msg_type type, const void *body, int *fds,
                 unsigned fd_count)
{
	int rc = -ERR_CLOSED;

	if (channel->fd >= 0) {
		rc = -ERR_AGAIN;
		if (channel->outgoing.len == 0)
			rc = message_send_flags(channel->fd, type, body, fds, fd_count, MSG_DONTWAIT);
		if (rc == -ERR_AGAIN) {
			rc = enqueue(channel, type, body, fds, fd_count);
			if (rc == 0)
				return 0; /* the queue owns the descriptors now */
		}
	}
	close_fds(fds, fd_count);
	return rc;
}

static void drop(struct channel *channel)
{
	channel->dropped++;
	if (channel->refused_limit && channel->dropped >= channel->refused_limit)
		closed_by_peer(channel);
}

/* Handles up to most messages of those that have come. */
static void receive(struct channel *channel, unsigned most)
{
	_Alignas(max_align_t) char body[MESSAGE_BODY_MAX];

	/* watch.active: a handler may have closed this very channel */
	for (unsigned i = 0; i < most && channel->watch.active; i++) {
		struct message message;
		int rc = message_receive_flags(channel->fd, channel->self, channel->peer, &message, body,
		                               sizeof(body), MSG_DONTWAIT);
		if (rc == -ERR_AGAIN)
			return;
		if (rc == -ERR_PROTOCOL) {
			drop(channel);
			continue;
		}
		if (rc < 0) {
			closed_by_peer(channel);
			return;
		}
		message_fn fn = channel->handlers[message.type];
		if (fn)
			fn(channel, &message);
		message_close_fds(&message);
		if (!fn)
			drop(channel);
	}
}

static void on_ready(struct watch *watch, uint32_t events)
{
	struct channel *channel = container_of(watch, struct channel, watch);

	if ((events & EPOLLOUT) && flush(channel) < 0)
		closed_by_peer(channel);
	else
		receive(channel, CHANNEL_BURST);
}

void channel_drain(struct channel *channel)
{
	receive(channel, UINT_MAX);
}

int channel_open(struct channel *channel, struct loop *loop, int fd, enum role self, enum role peer,
                 const message_fn *handlers, void (*on_closed)(struct channel *))
{
	*channel = (struct channel){.fd = fd, .self = self, .peer = peer, .handlers = handlers,
	                            .on_closed = on_closed, .loop = loop};
	list_init(&channel->outgoing);
	return loop_add(loop, &channel->watch, fd, EPOLLIN, on_ready) < 0 ? -ERR_IO : 0;
}

void channel_close(struct channel *channel)
{
	struct list_node *node;

	if (channel->fd < 0)
		return;
	loop_remove(channel->loop, &channel->watch);
	channel->fd = fd_close(channel->fd);
	while ((node = list_pop_front(&channel->outgoing)))
		outgoing_free(list_entry(node, struct outgoing, node));
}
