/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R opens the file of --file first and reads its first line when its packages are loaded
 * (unix/sys-std.c: Rstd_ReadConsole), by fgets of the C library.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>

#include "park/late.h"

__attribute__((visibility("default"))) char *fgets(char *line, int size, FILE *file)
{
	static char *(*next)(char *, int, FILE *);

	if (!next)
		next = (char *(*)(char *, int, FILE *))dlsym(RTLD_NEXT, "fgets");
	if (late_is_waiting() && late_is(fileno(file)))
		late_take_run(fileno(file), O_RDONLY);
	return next(line, size, file);
}
