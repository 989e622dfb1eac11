/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Descriptors in flight: queued in sockets by SCM_RIGHTS they escape the count of open files.
 * promise: 3
 * request: {"limits": {"open_files": 64}}
 * without: RLIMITS -> in flight
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/socket.h>

static int
send_fd(int by, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec byte = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return (int)sendmsg(by, &message, MSG_DONTWAIT);
}

int
main(void)
{
	int null = open("/dev/null", O_RDONLY), sent = 0;

	for (int i = 0; i < 24; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
			break;
		for (int j = 0; j < 100 && send_fd(ends[0], null) > 0; j++)
			sent++;
	}
	/* The kernel allows as many in flight as RLIMIT_NOFILE, per user (unix(7), ETOOMANYREFS). */
	if (sent > 200)
		escaped("%d descriptors in flight under a limit of 64", sent);
	printf("sent %d\n", sent);
	return verdict("descriptors in flight are bounded");
}
