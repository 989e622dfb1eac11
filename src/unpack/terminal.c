/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/terminal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

/* The slave of a master; pty(7), ioctl_tty(2): TIOCGPTPEER needs no path. */
static int open_slave(int master_fd)
{
	int unlock = 0;

	if (ioctl(master_fd, TIOCSPTLCK, &unlock) < 0)
		return -1;
	return ioctl(master_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* With one byte: a message without any may be taken for the end. */
static int send_master(int socket_fd, int master_fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec byte = {"m", 1};
	struct msghdr message = {.msg_iov = &byte,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &master_fd, sizeof(int));
	return sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int terminal_take(int socket_fd, uint16_t rows, uint16_t columns)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};
	_close_ int master_fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	_close_ int slave_fd = master_fd < 0 ? -1 : open_slave(master_fd);

	if (slave_fd < 0 || ioctl(slave_fd, TIOCSWINSZ, &size) < 0 ||
	    ioctl(slave_fd, TIOCSCTTY, 0) < 0 || send_master(socket_fd, master_fd) < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(slave_fd, fd) < 0)
			return -1;
	return 0;
}
