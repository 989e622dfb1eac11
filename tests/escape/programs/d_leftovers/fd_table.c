/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T42 T53 Descriptors that the server forgot to close: exactly 0, 1 and 2 may be open, all of them pipes or files.
 * promise: 1 4
 * held: O_CLOEXEC and close_range; a step that no build can leave out
 * plant: yes
 */
#include "../escape.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void
check_fd(int fd)
{
	struct stat found;

	if (fstat(fd, &found) != 0)
		return;
	if (fd > 2)
		escaped("descriptor %d is open, mode %o", fd, found.st_mode);
	else if (S_ISSOCK(found.st_mode) || S_ISDIR(found.st_mode) || S_ISBLK(found.st_mode))
		escaped("descriptor %d is a socket, directory or disk", fd);
}

int
main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		open("/", O_RDONLY | O_DIRECTORY);
	for (int fd = 0; fd < 70000; fd++)
		check_fd(fd);
	refused(fchdir(0) & fchdir(1) & fchdir(2), "a directory behind 0, 1 or 2");
	return verdict("only 0, 1 and 2 are open");
}
