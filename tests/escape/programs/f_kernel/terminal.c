/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Typing into a terminal (TIOCSTI, TIOCLINUX), taking the console's text, loading line disciplines; CVE-2017-5226.
 * promise: 1
 * without: SECCOMP -> TIOC
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/ioctl.h>

int
main(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, unlock = 0, discipline = 21; /* N_GSM0710 */
	char byte = 'x';

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0 ||
	    (slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY)) < 0) {
		printf("no terminal: %s\n", errno_name(errno));
		return 1;
	}
	filtered(ioctl(slave, TIOCSTI, &byte), "TIOCSTI");
	filtered(ioctl(slave, TIOCLINUX, &byte), "TIOCLINUX");
	filtered(ioctl(slave, TIOCCONS, 0), "TIOCCONS");
	filtered(ioctl(slave, TIOCSETD, &discipline), "TIOCSETD");
	filtered(ioctl(master, TIOCSETD, &discipline), "TIOCSETD of a master");
	filtered(ioctl(slave, 0xffffffff00000000ul | TIOCSTI, &byte), "TIOCSTI with high bits");
	refused(open("/dev/tty", O_RDWR), "a controlling terminal");
	refused(open("/dev/console", O_RDWR), "the console");
	refused(open("/dev/tty1", O_RDWR), "a virtual console");
	return verdict("no terminal can be typed into");
}
