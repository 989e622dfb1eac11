/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "park/seen.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char names[4096]; /* each with its NUL */
static size_t used;
static bool too_many;

static const char *next_after(const char *name)
{
	return name + strlen(name) + 1;
}

static bool is_known(const char *name)
{
	for (const char *known = names; known < names + used; known = next_after(known))
		if (strcmp(known, name) == 0)
			return true;
	return false;
}

void seen_add(const char *name)
{
	size_t bytes = strlen(name) + 1;

	/* the directory itself is always there: javac asks for its class path, "." */
	if (bytes == 1 || strcmp(name, ".") == 0 || is_known(name))
		return;
	if (bytes > sizeof(names) - used) {
		too_many = true;
		return;
	}
	memcpy(names + used, name, bytes);
	used += bytes;
}

bool seen_any_there(int work_fd)
{
	for (const char *name = names; name < names + used; name = next_after(name))
		if (syscall(SYS_faccessat, work_fd, name, F_OK) == 0)
			return true;
	return too_many;
}
