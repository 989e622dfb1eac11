/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ruby reads the first byte of its program, which may begin with "#!" and options in the first line,
 * pushes it back, loads RubyGems and what belongs to it, sets the program's name, and parses
 * (ruby.c: load_file_internal, ruby_opt_init). It calls these functions of its own through the loader,
 * so they can be stood in for: the byte is not read, and at the name it stops.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "park/late.h"

#define EXPORT    __attribute__((visibility("default")))
#define LINE_MAX_ 256

typedef uintptr_t value; /* VALUE of ruby.h */

#define VALUE_NIL    ((value)4)
#define VALUE_OTHER  ((value)(' ' << 1 | 1)) /* a byte that is no '#', as Ruby's integer */

/* ruby/io.h, ruby/internal/intern/io.h and ruby/internal/interpreter.h */
EXPORT value rb_io_getbyte(value io);
EXPORT value rb_io_ungetbyte(value io, value byte);
EXPORT void ruby_set_script_name(value name);

static int program_fd = -1; /* while it is loading what comes before its program */

static void *next_of(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static int descriptor_of(value io)
{
	return ((int (*)(value))next_of("rb_io_descriptor"))(io);
}

value rb_io_getbyte(value io)
{
	static value (*next)(value);

	if (!next)
		next = (value(*)(value))next_of("rb_io_getbyte");
	if (!late_is_waiting() || !late_is(descriptor_of(io)))
		return next(io);
	program_fd = descriptor_of(io);
	return VALUE_OTHER;
}

value rb_io_ungetbyte(value io, value byte)
{
	static value (*next)(value, value);

	if (!next)
		next = (value(*)(value, value))next_of("rb_io_ungetbyte");
	return program_fd >= 0 && descriptor_of(io) == program_fd ? VALUE_NIL : next(io, byte);
}

/* What Ruby looks for in a first line: options are to be known before RubyGems is loaded. */
static bool has_options(void)
{
	char line[LINE_MAX_ + 1];
	ssize_t len = pread(program_fd, line, LINE_MAX_, 0);

	if (len < 2 || line[0] != '#' || line[1] != '!')
		return false;
	line[len] = '\0';
	char *end = strchr(line, '\n'), *name = strstr(line, "ruby");
	if (!end || !name || name > end || end[-1] == '\r')
		return true;
	*end = '\0';
	return strstr(name, " -");
}

void ruby_set_script_name(value name)
{
	static void (*next)(value);

	if (!next)
		next = (void (*)(value))next_of("ruby_set_script_name");
	if (program_fd >= 0) {
		late_take_run(program_fd, O_RDONLY | O_CLOEXEC);
		if (has_options())
			park_exec();
		program_fd = -1;
	}
	next(name);
}
