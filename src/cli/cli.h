/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: verbs as tables. A verb states its options as rows; parsing, --help, the
 * shells' completions and the manual page are made of the same rows.
 */
#ifndef SG_CLI_CLI_H
#define SG_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/util.h"

enum cli_exit {
#define X(name, code, when) EXIT_CODE_##name = code,
#include "cli/exits.def"
#undef X
};

/* What an option's value is, and so the type of the member it fills. */
enum option_kind {
	OPTION_FLAG,  /* bool: no value */
	OPTION_TEXT,  /* const char * */
	OPTION_LIST,  /* struct text_list: may be given again */
	OPTION_COUNT, /* struct number: a whole number */
	OPTION_RATE,  /* struct number: the same, or "unlimited" (UINT64_MAX) */
	OPTION_TIME,  /* struct number, milliseconds: "5" and "5s" are seconds; "500ms", "2m", "1.5"
		       */
	OPTION_SIZE,  /* struct number, bytes: "65536", "64K", "512M", "2G" (powers of 1024) */
};

/* What a shell offers for an option's value or an operand. */
enum complete_kind { COMPLETE_NONE, COMPLETE_FILE };

struct number {
	bool given;
	uint64_t value;
};

struct text_list {
	const char **items; /* the list's memory; the texts are argv's */
	size_t count;
};

struct cli_option {
	const char *name; /* long name */
	char letter;	  /* '\0': none */
	enum option_kind kind;
	const char *value; /* what stands for it in help; NULL: what its kind says */
	size_t offset;	   /* of the member in the verb's options */
	enum complete_kind complete;
	const char *help;
};

struct verb {
	const char *name;
	const char *operands;	     /* "SOURCE [ARG]...", "" if it takes none */
	const char *summary;	     /* one line, without a full stop */
	const char *details;	     /* sentences for --help and the manual; NULL: none */
	enum complete_kind complete; /* of operands */
	bool passes_rest; /* what follows the first operand is the program's, options too */
	int operands_least, operands_most; /* most -1: any number */
	const struct cli_option *options;
	size_t option_count;
	size_t options_bytes;		 /* the struct that option rows fill, zeroed first */
	const struct verb *const *verbs; /* second-level verbs, NULL-terminated; then run is NULL */
	/* Returns the exit code; prints its own errors with cli_fail. */
	int (*run)(void *options, int argc, char **argv);
};

#define X(name) extern const struct verb verb_##name;
#include "cli/verbs.def"
#undef X
/* All of them, NULL-terminated. */
extern const struct verb *const verb_table[];

/*
 * Runs what argv says below verbs; argv[0] is the name of this level ("sandglass", "keys"). The
 * exit code.
 */
int verb_dispatch(const struct verb *const *verbs, const char *path, int argc, char **argv);
/* The verb of that name, or NULL. */
const struct verb *verb_find(const struct verb *const *verbs, const char *name);

/* One line on stderr, "sandglass: <reason>; <what to do>"; returns code. */
int cli_fail(enum cli_exit code, const char *fmt, ...) _printf_(2, 3);
/* The same for an error of a room: the exit code follows from err->code. */
int cli_fail_err(const struct err *err);
enum cli_exit cli_exit_of(int err_code);

#endif
