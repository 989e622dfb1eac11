/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 T32 Terminals of the host or of other runs, by name and by number; and more of one's own than there may be: 8, then 9.
 * promise: 1 3
 * held: a devpts of the jail's own; no build can leave it out
 */
#include "../escape.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#define OWN_MOST 8

static void
look_around(void)
{
	DIR *dir = opendir("/dev/pts");
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "ptmx") != 0)
			escaped("a terminal is there: %s", entry->d_name);
	if (dir == NULL)
		printf("no /dev/pts: %s\n", errno_name(errno));
}

int
main(void)
{
	char path[32];
	int count = 0, master;
	unsigned number;

	look_around();
	for (unsigned i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "/dev/pts/%u", i);
		if (open(path, O_RDWR | O_NOCTTY) >= 0)
			escaped("%s could be opened", path);
	}
	for (; (master = posix_openpt(O_RDWR | O_NOCTTY)) >= 0; count++)
		if (ioctl(master, TIOCGPTN, &number) < 0 || number != (unsigned)count)
			escaped("number %u is not one's own", number);
	if (count != OWN_MOST)
		escaped("%d terminals, not %d", count, OWN_MOST);
	return verdict("exactly 8 terminals, and nobody else's");
}
