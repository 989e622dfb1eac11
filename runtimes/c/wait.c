/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded into cc1 and ld when they are started before there is a program (compile.c): each makes
 * itself ready as it does for every program, and waits here before it looks at what is of this one.
 *
 * ld waits before it opens its output.
 *
 * cc1 reads its source first, and makes itself ready then, which takes longer than to compile a
 * small program. So it gets another text in the place of the source's, of which nothing can be
 * compiled, and waits at the header that every source begins with (stdc-predef.h), cc1plus at one
 * that may be replaced by precompiled ones, which are chosen by the source; then the one text is
 * put in the place of the other. Before its first line is wanted all that cc1 has of a source is
 * the text, where it ends, and the file's status (libcpp: files.c, cpp_push_buffer). Where they are
 * is seen from the calls that fill them in, and proved by comparing: if anything is not as it is
 * known of this cc1, or the text is one of those that are left to a cc1 without all this, the
 * process ends without a word.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wait.h"

#define EXPORT	     __attribute__((visibility("default")))
#define SOURCE_BYTES 65536 /* of the text that is there first; the source has no more */
#define PADDING	     16	   /* that cpplib has behind it, the first a line's end */
#define FIRST_HEADER "stdc-predef.h"

static const char *awaited; /* NULL: nothing */
static bool compiler;
static char missed[256];
static const char *included;	      /* of -include; NULL: nothing */
static char headers[WAIT_TEXT_BYTES]; /* for its place; "": it may stay */

static struct {
	int fd; /* while it is open: -1 */
	unsigned char *text;
	struct stat *st, first; /* where it is, and what was told */
} source = {.fd = -1};

static _Noreturn void give_up(void)
{
	_exit(1);
}

/* --- waiting --- */

static void wait_for_go(void)
{
	ssize_t n;

	while ((n = read(WAIT_FD, headers, sizeof(headers))) < 0 && errno == EINTR)
		;
	if (n != sizeof(headers))
		give_up();
}

static void go_on(void)
{
	char byte = 0;

	if (write(WAIT_FD, &byte, 1) != 1)
		give_up();
	close(WAIT_FD);
}

/* --- the compiler's source --- */

/* The beginning of libcpp's struct cpp_buffer; a struct cpp_reader begins with a pointer to the one
 * that is read. */
struct buffer {
	const unsigned char *now, *line, *next_line, *begin, *end, *to_free;
};

static struct buffer *source_buffer(void)
{
	struct buffer ***reader = dlsym(RTLD_DEFAULT, "parse_in");
	struct buffer *buffer = reader && *reader ? **reader : NULL;
	bool known = buffer && source.st && source.text &&
		     memcmp(source.st, &source.first, sizeof(source.first)) == 0 &&
		     buffer->next_line == source.text && buffer->begin == source.text &&
		     buffer->to_free == source.text && buffer->end == source.text + SOURCE_BYTES;

	return known ? buffer : NULL;
}

/* How many bytes, or -1. */
static ssize_t read_source(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	ssize_t size = 0, n;

	if (fd < 0 || fstat(fd, source.st) < 0 || !S_ISREG(source.st->st_mode) ||
	    source.st->st_size > SOURCE_BYTES)
		return -1;
	while (size < source.st->st_size &&
	       (n = read(fd, source.text + size, (size_t)(source.st->st_size - size))) > 0)
		size += n;
	close(fd);
	return size == source.st->st_size ? size : -1;
}

/* What generating code needs is made at the first function (toplev.cc); cc1 shows its functions to
 * plug-ins. */
static void make_ready(void)
{
	void (*initialize_rtl)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "_Z14initialize_rtlv");

	if (!initialize_rtl)
		give_up();
	initialize_rtl();
}

static bool begins_with_mark(size_t size)
{
	return size >= 3 && memcmp(source.text, "\xef\xbb\xbf", 3) == 0;
}

/* The first function may have options of its own; then what is made for it is made for these. */
static bool has_options(size_t size)
{
	static const char *const words[] = {"optimize", "target"};

	for (int i = 0; i < 2; i++)
		if (memmem(source.text, size, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Looked for beside the source, where nothing is yet; one name, that of a precompiled source. */
static void note(const char *path)
{
	if (strcmp(path, ".") == 0)
		return;
	if (missed[0] || strlen(path) >= sizeof(missed))
		give_up();
	strcpy(missed, path);
}

static void become(void)
{
	const char *path = awaited;
	int saved = errno;

	if (!included)
		make_ready();
	wait_for_go();
	awaited = NULL;
	if (missed[0] && access(missed, F_OK) == 0)
		give_up();
	struct buffer *buffer = source_buffer();
	ssize_t size = buffer ? read_source(path) : -1;
	if (size < 0 || begins_with_mark((size_t)size) || (!included && has_options((size_t)size)))
		give_up();
	/* a text of lines that end with CR ends with one (libcpp: _cpp_convert_input) */
	bool old = size > 0 && source.text[size - 1] == '\r';
	memset(source.text + size, 0, PADDING);
	source.text[size] = old ? '\r' : '\n';
	buffer->end = source.text + size;
	go_on();
	errno = saved;
}

static bool is_first_header(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (included)
		return strncmp(path, included, strlen(included)) == 0;
	return slash && strcmp(slash + 1, FIRST_HEADER) == 0;
}

/* --- the calls --- */

static const char other[] = "/proc/self/exe"; /* a regular file, as a source is */

static const char *look_of_compiler(const char *path)
{
	static char instead[2 * WAIT_TEXT_BYTES];

	if (awaited && strcmp(path, awaited) == 0)
		return other;
	if (awaited && is_first_header(path))
		become();
	else if (awaited && path[0] != '/')
		note(path);
	if (!included || !headers[0] || !is_first_header(path))
		return path;
	/* the header's name, or with .gch behind it */
	snprintf(instead, sizeof(instead), "%s%s", headers, path + strlen(included));
	return instead;
}

static const char *look_of_linker(const char *path)
{
	if (!awaited || strcmp(path, awaited) != 0)
		return path;
	wait_for_go();
	awaited = NULL;
	go_on();
	return path;
}

/* Before every look at a file by name. Returns the name to look at. */
static const char *look(const char *path)
{
	return compiler ? look_of_compiler(path) : look_of_linker(path);
}

/* Of calls that would tell what the source is. */
static const char *look_only(const char *path)
{
	path = look(path);
	if (path == other)
		give_up();
	return path;
}

/* A call by that name, and the C library's. */
#define CALL(type, name, parameters, arguments)                                                    \
	EXPORT type name parameters                                                                \
	{                                                                                          \
		static type(*next) parameters;                                                     \
		if (!next)                                                                         \
			next = (type(*) parameters)dlsym(RTLD_NEXT, #name);                        \
		path = look_only(path);                                                            \
		return next arguments;                                                             \
	}

CALL(FILE *, fopen, (const char *path, const char *mode), (path, mode))
CALL(FILE *, fopen64, (const char *path, const char *mode), (path, mode))
CALL(int, access, (const char *path, int mode), (path, mode))
CALL(int, stat, (const char *path, struct stat *st), (path, st))
CALL(int, lstat, (const char *path, struct stat *st), (path, st))
CALL(int, unlink, (const char *path), (path))

/* open(2) reads its mode only with O_CREAT and O_TMPFILE; to pass on what is not there does no
 * harm. */
EXPORT int open(const char *path, int flags, ...)
{
	static int (*next)(const char *, int, ...);
	va_list ap;

	if (!next)
		next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	const char *instead = look(path);
	int fd = next(instead, flags, mode);
	if (instead == other)
		source.fd = fd;
	return fd;
}

EXPORT int fstat(int fd, struct stat *st)
{
	static int (*next)(int, struct stat *);

	if (!next)
		next = (int (*)(int, struct stat *))dlsym(RTLD_NEXT, "fstat");
	int rc = next(fd, st);
	if (fd >= 0 && fd == source.fd) {
		st->st_size = SOURCE_BYTES;
		source.st = st;
		source.first = *st;
	}
	return rc;
}

EXPORT ssize_t read(int fd, void *data, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);

	if (!next)
		next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	if (fd < 0 || fd != source.fd)
		return next(fd, data, size);
	if (size != SOURCE_BYTES)
		give_up();
	source.fd = -1;
	source.text = memset(data, ')', size);
	return SOURCE_BYTES;
}

/* --- the beginning --- */

/* Out of the environment, and of /proc/self/environ. In a copy; NULL: it is not there. */
static char *take_variable(char **envp, const char *start)
{
	for (; *envp; envp++) {
		if (strncmp(*envp, start, strlen(start)) != 0)
			continue;
		char *found = *envp, *copy = strdup(found + strlen(start));
		memset(found, 0, strlen(found));
		for (char **at = envp; *at; at++)
			at[0] = at[1];
		return copy;
	}
	return NULL;
}

__attribute__((constructor)) static void begin(int argc, char **argv, char **envp)
{
	awaited = take_variable(envp, WAIT_VARIABLE);
	free(take_variable(envp, WAIT_PRELOAD));
	compiler = strcmp(argv[0], "ld") != 0;
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "-include") == 0)
			included = argv[i + 1];
}
