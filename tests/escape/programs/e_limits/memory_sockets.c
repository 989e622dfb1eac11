/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Socket buffers: messages that nobody receives.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 33554432, "open_files": 1024}}
 * relax: {"limits": {"memory_bytes": 402653184, "open_files": 1024}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/socket.h>

int
main(void)
{
	static char block[32 << 10];
	size_t held = 0;

	for (int i = 0; i < 500 && held < (64u << 20); i++) {
		int ends[2], size = 16 << 20;
		ssize_t n;

		if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) != 0)
			break;
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		while ((n = send(ends[0], block, sizeof(block), 0)) > 0)
			held += (size_t)n;
	}
	if (held >= (64u << 20))
		escaped("took %zu MiB in sockets", held >> 20);
	printf("held %zu KiB\n", held >> 10);
	return verdict("socket buffers are bounded");
}
