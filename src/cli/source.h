/* SPDX-License-Identifier: Apache-2.0 */
/* What `exec` is to run: inline text, standard input, a file, or a directory of files. */
#ifndef SG_CLI_SOURCE_H
#define SG_CLI_SOURCE_H

#include "base/buf.h"
#include "base/err.h"

#define SOURCE_BYTES_MAX     (64 * MIB) /* all files together; the server's own limit is lower */
#define SOURCE_RUNTIME_BYTES 32

struct source_file {
	char *name; /* relative, '/' between components; NULL: unnamed, sent as `code` */
	struct buf data;
};

struct source {
	struct source_file *files;
	size_t count;
	const char
	    *entry; /* name of the program among them; NULL: the only one, or the server's guess */
	bool took_stdin;		    /* the text was on standard input */
	char runtime[SOURCE_RUNTIME_BYTES]; /* guess from the entry's suffix or #! line; "" if there
					       is none */
};

/*
 * operand: "-", a file, a directory, or else the text itself; text_only: the text whatever it looks
 * like. 0, -ERR_NOT_FOUND (it looks like a path and there is none), -ERR_BAD_REQUEST,
 * -ERR_TOO_LARGE, -ERR_IO or -ERR_NO_MEMORY.
 */
int source_read(struct source *ret_source, const char *operand, bool text_only, const char *entry,
		struct err *err);
void source_finish(struct source *source);

/*
 * All of a descriptor into buf; what names it in errors. 0, -ERR_TOO_LARGE, -ERR_IO or
 * -ERR_NO_MEMORY.
 */
int source_read_fd(int fd, const char *what, struct buf *buf, struct err *err);

/* "py" of "a/b.PY"; the interpreter of a #! line. Empty when there is none. */
void source_guess_runtime(const char *name, struct slice text,
			  char out[static SOURCE_RUNTIME_BYTES]);

#endif
