/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 Netlink in all its families: routing, netfilter, xfrm, audit, connector.
 * promise: 1
 * without: SECCOMP -> netlink
 */
#include "../escape.h"

#include <sys/socket.h>

int
main(void)
{
	char what[32];

	for (int protocol = 0; protocol < 24; protocol++) {
		snprintf(what, sizeof(what), "netlink %d", protocol);
		filtered(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), what);
	}
	return verdict("no netlink");
}
