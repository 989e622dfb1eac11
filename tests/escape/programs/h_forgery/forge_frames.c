/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T53 Forging the jail's own messages: junk and look-alike frames into every descriptor there is.
 * promise: 4 5
 * held: no descriptor of ours in the program
 * contained: error
 * exit_code: 7
 * plant: yes
 */
#include "../escape.h"

#include <sys/socket.h>

int
main(int argc, char **argv)
{
	unsigned frame[128];
	int ends[2];

	(void)argv;
	if (argc > 1)
		socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
	for (unsigned type = 0; type < 64; type++) {
		memset(frame, 0, sizeof(frame));
		frame[0] = type;
		for (int fd = 3; fd < 256; fd++) {
			if (write(fd, frame, sizeof(frame)) >= 0 || send(fd, frame, sizeof(frame), MSG_DONTWAIT) >= 0) {
				escaped("descriptor %d took a frame", fd);
				return 7;
			}
		}
	}
	verdict("there is nobody to forge for");
	return 7;
}
