/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, printed from the tables of verbs. */
#ifndef SG_CLI_HELP_H
#define SG_CLI_HELP_H

#include <stdio.h>

#include "cli/cli.h"

/* A list of verbs; path is the words before them. */
void help_verbs(const struct verb *const *verbs, const char *path, FILE *out);
/* One verb and its options. */
void help_verb(const struct verb *verb, const char *path, FILE *out);

#endif
