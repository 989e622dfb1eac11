/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T55 An abstract UNIX socket of the host, which no file permission guards.
 * promise: 1
 * without: NETNS,LANDLOCK -> connected
 */
#include "../escape.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int
main(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const char *abstract = given("ESC_ABSTRACT");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(name.sun_path + 1, abstract, strlen(abstract));
	if (connect(fd, (struct sockaddr *)&name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(abstract))) == 0)
		escaped("connected to the host's abstract socket");
	else
		printf("refused %s\n", errno_name(errno));
	return verdict("the host's abstract sockets are not there");
}
