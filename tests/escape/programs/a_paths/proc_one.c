/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T5 T44 The magic links, descriptors and memory of the jail's pid 1, which stands outside the program.
 * promise: 1 4
 * held: /proc with hidepid, a user id of pid 1's own, no dumpable pid 1
 * plant: yes
 */
#include "../escape.h"

#include <dirent.h>
#include <fcntl.h>

static void
try_open(const char *name, int flags)
{
	char text[16];
	int fd = open(name, flags);

	if (fd < 0)
		return;
	/* An open that yields nothing (an empty environ of another user) gave nothing away. */
	if ((flags & O_DIRECTORY) != 0 || read(fd, text, sizeof(text)) > 0 || (flags & O_RDWR) != 0)
		escaped("opened %s", name);
	close(fd);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int flags;
	} rows[] = {
		{ "environ", O_RDONLY }, { "exe", O_RDONLY },     { "maps", O_RDONLY },
		{ "auxv", O_RDONLY },    { "syscall", O_RDONLY }, { "io", O_RDONLY },
		{ "pagemap", O_RDONLY }, { "stack", O_RDONLY },   { "mem", O_RDWR },
		{ "root", O_DIRECTORY }, { "cwd", O_DIRECTORY },  { "fd", O_DIRECTORY },
	};
	const char *pid = argc > 1 ? "self" : "1"; /* planted: what is the program's own does open */
	char name[64];

	(void)argv;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(name, sizeof(name), "/proc/%s/%s", pid, rows[i].name);
		try_open(name, rows[i].flags);
	}
	for (int fd = 0; fd < 64; fd++) {
		snprintf(name, sizeof(name), "/proc/%s/fd/%d", pid, fd);
		try_open(name, O_RDONLY | O_NONBLOCK);
	}
	return verdict("pid 1 gives nothing away");
}
