/* SPDX-License-Identifier: Apache-2.0 */
/* Options: rows to getopt_long(3), texts to numbers. */
#ifndef SG_CLI_OPTION_H
#define SG_CLI_OPTION_H

#include "cli/cli.h"

/*
 * Parses options into options: those behind operands as well, unless the verb passes the rest on.
 * Returns the index of the first operand, or -ERR_BAD_REQUEST; *ret_help when --help was met. Lists
 * are freed by option_free. path names the verb in messages.
 */
int option_parse(const struct verb *verb, const char *path, int argc, char **argv, void *options,
		 bool *ret_help, struct err *err);
void option_free(const struct verb *verb, void *options);

/* Text of the kind to a number; 0 or -ERR_BAD_REQUEST. Nothing is rounded or cut silently. */
int option_number(enum option_kind kind, const char *text, uint64_t *ret_value);

/* What stands for the option's value in help; NULL for a flag. */
const char *option_value_name(const struct cli_option *row);

#endif
