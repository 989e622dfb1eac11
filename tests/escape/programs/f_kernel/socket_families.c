/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 Every socket family and type but UNIX, INET and INET6 streams and datagrams.
 * promise: 1
 * without: SECCOMP -> (socket|socketpair)
 */
#include "../escape.h"

#include <sys/socket.h>

static int
is_allowed(int family, int type)
{
	int plain = type == SOCK_STREAM || type == SOCK_DGRAM || (type == SOCK_SEQPACKET && family == AF_UNIX);

	return plain && (family == AF_UNIX || family == AF_INET || family == AF_INET6);
}

int
main(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, 6, SOCK_PACKET };
	char what[64];

	for (int family = 0; family < 64; family++) {
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			if (is_allowed(family, types[i]))
				continue;
			/* UNIX sockets of odd types are a stream or a datagram by another name: harmless. */
			if (family == AF_UNIX)
				continue;
			snprintf(what, sizeof(what), "socket(%d, %d)", family, types[i]);
			filtered(socket(family, types[i], 0), what);
		}
	}
	for (int family = 2; family < 64; family++) {
		int ends[2];

		snprintf(what, sizeof(what), "socketpair(%d)", family);
		if (family != AF_INET && family != AF_INET6)
			filtered(socketpair(family, SOCK_STREAM, 0, ends), what);
	}
	return verdict("only UNIX and IP sockets");
}
