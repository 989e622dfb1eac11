/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Typing into somebody's terminal (TIOCSTI, TIOCLINUX) and taking one over; CVE-2017-5226.
 * promise: 1
 * without: SECCOMP -> TIOC
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/ioctl.h>

int
main(void)
{
	char byte = 'x';

	filtered(ioctl(0, TIOCSTI, &byte), "TIOCSTI");
	filtered(ioctl(0, TIOCLINUX, &byte), "TIOCLINUX");
	filtered(ioctl(0, TIOCSETD, &byte), "TIOCSETD");
	filtered(ioctl(0, 0xffffffff00000000ul | TIOCSTI, &byte), "TIOCSTI with high bits");
	refused(open("/dev/tty", O_RDWR), "a controlling terminal");
	refused(open("/dev/ptmx", O_RDWR), "a terminal of one's own");
	return verdict("no terminal can be typed into");
}
