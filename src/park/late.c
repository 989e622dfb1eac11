/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "park/late.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* A regular file, as a program is: Ruby waits for others to become readable. */
#define PLACEHOLDER "/proc/self/exe"

static bool opened; /* and not yet the program's */

bool late_is_for(const char *program)
{
	static const char *const names[] = {"R", "ruby"};
	const char *name = strrchr(program, '/');

	name = name ? name + 1 : program;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

const char *late_open(void)
{
	opened = true;
	return PLACEHOLDER;
}

bool late_is_waiting(void)
{
	return opened;
}

bool late_is(int fd)
{
	struct stat one, other;

	return fd >= 0 && fstat(fd, &one) == 0 && stat(PLACEHOLDER, &other) == 0 &&
	       one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

void late_take_run(int fd, int open_flags)
{
	opened = false;
	const char *name = park_take_run();
	int program = (int)syscall(SYS_openat, AT_FDCWD, name, open_flags);
	if (program < 0 || dup3(program, fd, open_flags & O_CLOEXEC) < 0)
		park_exec();
	fd_close(program);
}
