/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

/* Documentation/admin-guide/devices.txt: /dev/ptmx, of which every open master is one */
#define PTMX_MAJOR 5
#define PTMX_MINOR 2

int terminal_pair(int *ret_ours, int *ret_childs)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	*ret_ours = ends[0];
	*ret_childs = ends[1];
	return fd_set_nonblock(ends[0]);
}

static bool is_master(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(PTMX_MAJOR, PTMX_MINOR);
}

/* One descriptor, and nothing else: the buffer has room for no more, the kernel drops the rest. */
static int receive_fd(int socket_fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(head), sizeof(int));
	return fd;
}

int terminal_receive(int socket_fd)
{
	_close_ int fd = receive_fd(socket_fd);

	if (fd < 0)
		return -1;
	if (!is_master(fd) || fd_set_nonblock(fd) < 0) {
		errno = EPROTO;
		return -1;
	}
	return fd_steal(&fd);
}

void terminal_resize(int master_fd, struct window window)
{
	const struct winsize size = {.ws_row = window.rows, .ws_col = window.columns};

	ioctl(master_fd, TIOCSWINSZ, &size); /* fails where the run has just ended */
}
