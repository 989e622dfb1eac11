/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 Buffers of TCP connections over the private loopback, filled from both ends and never read.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 33554432, "open_files": 1024}}
 * relax: {"limits": {"memory_bytes": 402653184, "open_files": 1024}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <netinet/in.h>
#include <sys/socket.h>

static size_t
fill(int fd)
{
	static char block[64 << 10];
	size_t held = 0;
	ssize_t n;

	while ((n = send(fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		held += (size_t)n;
	return held;
}

int
main(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(name);
	int listener = socket(AF_INET, SOCK_STREAM, 0), size = 4 << 20;
	size_t held = 0;

	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(listener, (struct sockaddr *)&name, len) != 0 || listen(listener, 64) != 0 ||
	    getsockname(listener, (struct sockaddr *)&name, &len) != 0)
		return 2;
	for (int i = 0; i < 400 && held < (96u << 20); i++) {
		int out = socket(AF_INET, SOCK_STREAM, 0), in;

		setsockopt(out, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		if (out < 0 || connect(out, (struct sockaddr *)&name, len) != 0 || (in = accept(listener, NULL, NULL)) < 0)
			break;
		held += fill(out) + fill(in);
	}
	if (held >= (96u << 20))
		escaped("took %zu MiB in TCP buffers", held >> 20);
	printf("held %zu KiB\n", held >> 10);
	return verdict("TCP buffers are bounded");
}
