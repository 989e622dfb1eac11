/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T57 The API server itself, by the loopback of the host: IPv4, IPv6, mapped, any address.
 * promise: 1
 * without: NETNS -> connected
 */
#include "../escape.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void
try_connect(const char *address, int port)
{
	struct sockaddr_in6 name6 = { .sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port) };
	struct sockaddr_in name4 = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int fd, ret;

	if (inet_pton(AF_INET6, address, &name6.sin6_addr) == 1) {
		fd = socket(AF_INET6, SOCK_STREAM, 0);
		ret = connect(fd, (struct sockaddr *)&name6, sizeof(name6));
	} else {
		inet_pton(AF_INET, address, &name4.sin_addr);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		ret = connect(fd, (struct sockaddr *)&name4, sizeof(name4));
	}
	if (ret == 0)
		escaped("connected to %s port %d", address, port);
	else
		printf("refused %s %s\n", address, errno_name(errno));
	close(fd);
}

int
main(void)
{
	int port = atoi(given("ESC_PORT"));

	try_connect("127.0.0.1", port);
	try_connect("127.0.0.2", port);
	try_connect("0.0.0.0", port);
	try_connect("::1", port);
	try_connect("::ffff:127.0.0.1", port);
	return verdict("the server is out of reach");
}
