/* SPDX-License-Identifier: Apache-2.0 */
/* What every hostile program in C shares: how it says that it got through, or did not. */
#ifndef ESCAPE_H
#define ESCAPE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int escape_count;

/* The attack succeeded: the runner fails the case, or takes it as the proof that a wall was needed. */
__attribute__((format(printf, 1, 2), unused)) static void
escaped(const char *fmt, ...)
{
	va_list ap;

	escape_count++;
	va_start(ap, fmt);
	fputs("ESCAPED ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	fflush(stdout);
}

__attribute__((unused)) static const char *
errno_name(int error)
{
	const char *name = strerrorname_np(error);

	return name != NULL ? name : "?";
}

/*
 * ret and errno of a call that the system call filter must refuse. Any other errno than the filter's means
 * that the kernel's code behind it was reached, which is the attack surface the filter is there to remove.
 */
__attribute__((unused)) static void
filtered(long ret, const char *what)
{
	int error = errno;

	if (ret >= 0)
		escaped("%s succeeded: %ld", what, ret);
	else if (error != EPERM && error != ENOSYS && error != EACCES && error != EAFNOSUPPORT)
		escaped("%s reached the kernel: %s", what, errno_name(error));
	else
		printf("refused %s %s\n", what, errno_name(error));
}

/* ret and errno of a call that must fail, whatever the reason. */
__attribute__((unused)) static void
refused(long ret, const char *what)
{
	int error = errno;

	if (ret >= 0)
		escaped("%s: %ld", what, ret);
	else
		printf("refused %s %s\n", what, errno_name(error));
}

/* The last line of a program that lived to its end. */
__attribute__((unused)) static int
verdict(const char *what)
{
	if (escape_count == 0)
		printf("CONTAINED %s\n", what);
	fflush(stdout);
	return 0;
}

/* A variable that the runner hands to every program; "" if it did not. */
__attribute__((unused)) static const char *
given(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "";
}

#endif
