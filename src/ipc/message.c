/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "ipc/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/err.h"
#include "base/fd.h"

struct msg_row {
	const char *name;
	size_t size;
	unsigned fds_least, fds_most;
	enum role to, from;
};

static const struct msg_row msg_rows[MSG_COUNT] = {
#define X(to_, verb, body, least, most, from_)                                                     \
	[MSG_##to_##_##verb] = {#to_ "_" #verb, sizeof(struct msg_##body), least, most,            \
	                        ROLE_##to_, ROLE_##from_},
#include "ipc/messages.def"
#undef X
};

#define X(to, verb, body, least, most, from)                                                       \
	_Static_assert(sizeof(struct msg_##body) <= MESSAGE_BODY_MAX && (most) <= MSG_FDS_MAX,     \
	               "msg_" #body " is too large");
#include "ipc/messages.def"
#undef X

size_t message_size(enum msg_type type)
{
	return msg_rows[type].size;
}

const char *message_name(enum msg_type type)
{
	return type > MSG_NONE && type < MSG_COUNT ? msg_rows[type].name : "unknown";
}

const char *role_name(enum role role)
{
	static const char *const names[ROLE_COUNT] = {"none",  "parent", "front", "spawner",
	                                              "store", "slot",   "courier", "fetcher", "any"};

	return (unsigned)role < ROLE_COUNT ? names[role] : "unknown";
}

bool message_allowed(uint32_t type, enum role self, enum role peer, size_t size, unsigned fd_count)
{
	if (type <= MSG_NONE || type >= MSG_COUNT)
		return false;
	const struct msg_row *row = &msg_rows[type];
	return (row->to == self || row->to == ROLE_ANY) && (row->from == peer || row->from == ROLE_ANY) &&
	       size == row->size && fd_count >= row->fds_least && fd_count <= row->fds_most;
}

int channel_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
}

int message_send_flags(int fd, enum msg_type type, const void *body, const int *fds,
                       unsigned fd_count, int flags)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * MSG_FDS_MAX)];
	} control;
	uint32_t head[2] = {(uint32_t)type, 0};
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)body, message_size(type)}};
	struct msghdr header = {.msg_iov = iov, .msg_iovlen = 2};

	if (fd_count) {
		memset(&control, 0, sizeof(control));
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * fd_count);
	}
	for (;;) {
		if (sendmsg(fd, &header, flags | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return -ERR_AGAIN;
		return errno == EPIPE || errno == ECONNRESET ? -ERR_CLOSED : -ERR_IO;
	}
}

int message_send(int fd, enum msg_type type, const void *body, const int *fds, unsigned fd_count)
{
	return message_send_flags(fd, type, body, fds, fd_count, 0);
}

/* Takes the descriptors out of the control data; more than MSG_FDS_MAX cannot arrive (buffer size). */
static void collect_fds(struct msghdr *header, struct message *message)
{
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(header); cmsg; cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(fd));
			if (message->fd_count < MSG_FDS_MAX)
				message->fds[message->fd_count++] = fd;
			else
				fd_close(fd);
		}
	}
}

int message_receive_flags(int fd, enum role self, enum role peer, struct message *message, void *body,
                          size_t cap, int flags)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * MSG_FDS_MAX)];
	} control;
	uint32_t head[2] = {0, 0};
	struct iovec iov[2] = {{head, sizeof(head)}, {body, cap}};
	struct msghdr header = {.msg_iov = iov, .msg_iovlen = 2, .msg_control = &control,
	                        .msg_controllen = sizeof(control)};
	ssize_t n;

	memset(message, 0, sizeof(*message));
	do
		n = recvmsg(fd, &header, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ERR_AGAIN : errno == ECONNRESET ? -ERR_CLOSED : -ERR_IO;
	collect_fds(&header, message);
	if (n == 0 && message->fd_count == 0)
		return -ERR_CLOSED; /* SEQPACKET: nobody sends empty messages */
	size_t size = (size_t)n > sizeof(head) ? (size_t)n - sizeof(head) : 0;
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    !message_allowed(head[0], self, peer, size, message->fd_count)) {
		message_close_fds(message);
		return -ERR_PROTOCOL;
	}
	message->type = (enum msg_type)head[0];
	message->body = body;
	return 0;
}

int message_receive(int fd, enum role self, enum role peer, struct message *message, void *body,
                    size_t cap)
{
	return message_receive_flags(fd, self, peer, message, body, cap, 0);
}

void message_close_fds(struct message *message)
{
	for (unsigned i = 0; i < message->fd_count; i++)
		message->fds[i] = fd_close(message->fds[i]);
}
