/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any datagrams, with any descriptors, to a channel of any role: what a handler sees is what
 * messages.def promises, and no descriptor stays open. The first byte names the roles; then, again
 * and again, a length, a number of descriptors and so many bytes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "ipc/message.h"

#define SENT_FDS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct loop *loop;
static message_fn handlers[MSG_COUNT];

static void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static unsigned open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void on_message(struct channel *channel, struct message *message)
{
	static char copy[MESSAGE_BODY_MAX];

	insist(message_allowed(message->type, channel->self, channel->peer,
			       message_size(message->type), message->fd_count),
	       "only what the table allows");
	memcpy(copy, message->body, message_size(message->type));
	for (unsigned i = 0; i < message->fd_count; i++)
		insist(fcntl(message->fds[i], F_GETFD) == FD_CLOEXEC,
		       "descriptors are there, and close at exec");
	/* some handlers take one and close it, most leave them */
	fd_close(msg_take_fd(message, 1));
}

static void send_raw(int fd, const uint8_t *data, size_t len, unsigned fd_count, int any_fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * SENT_FDS_MAX)];
	} control = {0};
	struct iovec iov = {(void *)data, len};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd_count) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		for (unsigned i = 0; i < fd_count; i++)
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &any_fd, sizeof(int));
	}
	sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void set_up(void)
{
	if (loop)
		return;
	loop = loop_create();
	for (int i = 0; i < MSG_COUNT; i++)
		handlers[i] = on_message;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct channel channel;
	int ends[2];

	set_up();
	unsigned before = open_fds();
	if (len < 1 || channel_pair(ends) < 0)
		return 0;
	enum role self = (enum role)(data[0] % ROLE_ANY),
		  peer = (enum role)(data[0] / ROLE_ANY % ROLE_ANY);
	insist(channel_open(&channel, loop, ends[0], self, peer, handlers, NULL) == 0, "it opens");
	channel.refused_limit = data[0] & 1 ? 3 : 0;
	for (size_t at = 1; at + 3 <= len;) {
		size_t size = data[at] | (size_t)(data[at + 1] & 15) << 8;
		unsigned fd_count = data[at + 2] % (SENT_FDS_MAX + 1);
		at += 3;
		size = MIN_OF(size, len - at);
		send_raw(ends[1], data + at, size, fd_count, ends[1]);
		if (channel.watch.active)
			channel.watch.fn(&channel.watch, EPOLLIN);
		at += size;
	}
	channel_close(&channel);
	close(ends[1]);
	insist(open_fds() == before, "no descriptor stays open");
	return 0;
}
