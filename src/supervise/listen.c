/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "supervise/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

#define LISTEN_BACKLOG 4096

/* Splits at the last colon; brackets around an IPv6 address are taken off. */
static int split(const char *address, char *host, size_t cap, const char **ret_port)
{
	const char *colon = strrchr(address, ':');

	if (!colon || !colon[1])
		return -1;
	const char *from = address, *to = colon;
	if (to > from && from[0] == '[' && to[-1] == ']') {
		from++;
		to--;
	}
	if ((size_t)(to - from) >= cap)
		return -1;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	*ret_port = colon + 1;
	return 0;
}

static bool is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)sa)->sin6_addr);
	return ntohl(((const struct sockaddr_in *)sa)->sin_addr.s_addr) >> 24 == 127;
}

static int open_one(const struct addrinfo *info)
{
	_close_ int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, info->ai_addr, info->ai_addrlen) < 0 || listen(fd, LISTEN_BACKLOG) < 0)
		return -1;
	return fd_steal(&fd);
}

static unsigned port_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return 0;
	/* the port stands at the same place in both */
	return ntohs(((struct sockaddr_in *)&ss)->sin_port);
}

int listen_open(const char *address, bool *ret_loopback, unsigned *ret_port, struct err *err)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_family = AF_INET,
	                         .ai_socktype = SOCK_STREAM};
	struct addrinfo *info = NULL;
	char host[256];
	const char *port;

	if (split(address, host, sizeof(host), &port) < 0)
		return err_set(err, ERR_CONFIG, "listen: '%s' is not an address; write HOST:PORT.", address);
	if (strchr(host, ':'))
		hints.ai_family = AF_INET6;
	int rc = getaddrinfo(host[0] ? host : NULL, port, &hints, &info);
	if (rc != 0)
		return err_set(err, ERR_CONFIG, "listen: '%s': %s.", address, gai_strerror(rc));
	int fd = open_one(info);
	int saved = errno;
	*ret_loopback = is_loopback(info->ai_addr);
	freeaddrinfo(info);
	if (fd < 0)
		return err_set(err, ERR_IO, "Cannot listen on %s: %s; choose another with --listen.", address,
		               strerror(saved));
	*ret_port = port_of(fd);
	return fd;
}
