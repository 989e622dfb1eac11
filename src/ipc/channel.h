/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One end of a SOCK_SEQPACKET pair between two of our processes: whole messages of messages.def, with
 * descriptors. Sizes, descriptor counts and the sender's role are checked before a handler sees one.
 */
#ifndef SG_IPC_CHANNEL_H
#define SG_IPC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "event/loop.h"
#include "ipc/messages.h"

struct channel;

/* One received message. The handler owns the descriptors it takes with msg_take_fd; others are closed. */
struct message {
	enum msg_type type;
	const void *body;         /* of the type's size; valid during the handler */
	int fds[MSG_FDS_MAX];
	unsigned fd_count;
};

/* The descriptor at index, which the caller now owns; -1 if there is none. */
static inline int msg_take_fd(struct message *message, unsigned index)
{
	int fd = index < message->fd_count ? message->fds[index] : -1;

	if (fd >= 0)
		message->fds[index] = -1;
	return fd;
}

typedef void (*message_fn)(struct channel *channel, struct message *message);

/* handlers[type]: NULL = not taken from this peer: dropped, its descriptors closed, counted. */
struct channel {
	int fd;                     /* owned; -1 when closed */
	enum role self, peer;
	const message_fn *handlers; /* MSG_COUNT entries */
	void (*on_closed)(struct channel *channel); /* the peer is gone, fd is -1; must not free the channel */
	struct loop *loop;
	struct watch watch;
	struct list outgoing;       /* messages the socket did not take yet, in order */
	uint64_t dropped;           /* messages refused by size, type, role or descriptors */
	uint64_t refused_limit;     /* after so many the channel is closed; 0 = never */
};

/* Starts reading on the loop; takes ownership of fd. 0, or -ERR_IO. */
int channel_open(struct channel *channel, struct loop *loop, int fd, enum role self, enum role peer,
                 const message_fn *handlers, void (*on_closed)(struct channel *));
/* Handles all that has come; the end of the stream included, which closes. For a peer that has died. */
void channel_drain(struct channel *channel);
/* Stops, closes, drops what is queued. Harmless when closed. */
void channel_close(struct channel *channel);
static inline bool channel_is_open(const struct channel *channel)
{
	return channel->fd >= 0;
}

/*
 * Sends; the descriptors are closed here whatever happens (the receiver has copies). Queues when the
 * socket is full (bounded). 0, -ERR_CLOSED, -ERR_TOO_LARGE (queue full) or -ERR_IO.
 */
int channel_send(struct channel *channel, enum msg_type type, const void *body, int *fds,
                 unsigned fd_count);

/* --- the same without a loop: for start-up and inside the jail, on a bare descriptor --- */

/* A SOCK_SEQPACKET pair, O_CLOEXEC. 0, or -1 with errno. */
int channel_pair(int fds[2]);
/* Blocking send; descriptors stay the caller's. 0, -ERR_CLOSED or -ERR_IO. */
int message_send(int fd, enum msg_type type, const void *body, const int *fds, unsigned fd_count);
/*
 * Blocking receive into body (cap bytes); only a message that self may take from peer passes.
 * 0, -ERR_AGAIN, -ERR_CLOSED, -ERR_PROTOCOL (message dropped) or -ERR_IO.
 */
int message_receive(int fd, enum role self, enum role peer, struct message *message, void *body,
                    size_t cap);
void message_close_fds(struct message *message);

/* Body size of a type; the largest of all. */
size_t message_size(enum msg_type type);
#define MESSAGE_BODY_MAX 4096
const char *message_name(enum msg_type type);
const char *role_name(enum role role);

#endif
