/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "park/late.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

/* A regular file, as a program is: Ruby waits for others to become readable. */
#define PLACEHOLDER "/proc/self/exe"

static const struct late {
	const char *interpreter, *suffix; /* the last part of argv[0], and of the program's name */
	const char *placeholder;          /* NULL: a jar of the JDK */
	const char *stops_in;             /* this call; NULL: by a hook of its own */
} rows[] = {
    {"R", ".R", PLACEHOLDER, NULL},
    {"ruby", ".rb", PLACEHOLDER, NULL},
    {"perl", ".pl", PLACEHOLDER, NULL},
    /* The launcher reads the manifest for a splash screen; then the JVM starts, and its class loader asks first. */
    {"java", ".jar", NULL, "statx"},
};

static const struct late *row;
static char jar[PATH_MAX];
static bool opened; /* and not yet the program's */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* argv[0] is JDK/bin/java. */
static bool name_jar(const char *java)
{
	const char *bin = strstr(java, "/bin/java");

	return bin && snprintf(jar, sizeof(jar), "%.*s/lib/jrt-fs.jar", (int)(bin - java), java) < (int)sizeof(jar);
}

bool late_is_for(const char *interpreter, const char *file)
{
	const char *name = strrchr(interpreter, '/');

	name = name ? name + 1 : interpreter;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(name, rows[i].interpreter) == 0 && ends_with(file, rows[i].suffix))
			row = &rows[i];
	return row && (row->placeholder || name_jar(interpreter));
}

const char *late_look(const char *call, const char *path)
{
	if (row->stops_in && strcmp(call, row->stops_in) == 0)
		return NULL;
	if (!strstr(call, "open"))
		return path;
	opened = true;
	return row->placeholder ? row->placeholder : jar;
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
