/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 T55 Raw and packet sockets, ICMP, and configuring the network: whoever forges packets needs no route.
 * promise: 1
 * without: SECCOMP -> (raw|packet|ICMP)
 * needs: userns
 */
#include "../escape.h"

#include <net/if.h>
#include <sched.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int
main(void)
{
	int own = unshare(CLONE_NEWUSER | CLONE_NEWNET); /* with the right to forge, in a network of its own */
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	filtered(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "raw ICMP");
	filtered(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), "raw");
	filtered(socket(AF_INET6, SOCK_RAW, IPPROTO_RAW), "raw IPv6");
	filtered(socket(AF_PACKET, SOCK_RAW, htons(3)), "packet");
	filtered(socket(AF_PACKET, SOCK_DGRAM, htons(3)), "packet datagram");
	printf("namespace: %d\n", own);
	request.ifr_flags = IFF_UP;
	refused(ioctl(fd, SIOCSIFFLAGS, &request), "configuring an interface");
	refused(ioctl(fd, SIOCSIFADDR, &request), "giving it an address");
	return verdict("no raw packets");
}
