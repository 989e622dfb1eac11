/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: config.def as a struct; file (YAML, libcyaml), then environment, then options. */
#ifndef SG_CONFIG_CONFIG_H
#define SG_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define CONFIG_DEFAULT_PATH "/etc/sandglass/sandglass.yaml"

struct config {
#define U64(name, unit, def, least, most, doc) uint64_t name;
#define TEXT(name, def, doc)                   char *name;
#define FLAG(name, def, doc)                   bool name;
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
};

/*
 * Defaults, then the file at path (NULL: CONFIG_DEFAULT_PATH, which may be missing), then SANDGLASS_*
 * variables. Unknown keys, wrong types and values out of range are errors that name key and range.
 * 0, -ERR_CONFIG or -ERR_NO_MEMORY.
 */
int config_load(struct config *ret_config, const char *path, struct err *err);
/* Sets one row from text, as a command line option does. 0 or -ERR_CONFIG. */
int config_set(struct config *config, const char *name, const char *value, struct err *err);
/* Checks rows against each other (a default above its maximum, TLS half configured). */
int config_check(const struct config *config, struct err *err);
void config_finish(struct config *config);

/* All rows as a commented YAML file: what `sandglass config` prints and the manual shows. */
void config_print(const struct config *config, FILE *out);
/* The same as YAML without comments in a string the caller frees: how the parent hands it to its children. */
char *config_dump(const struct config *config);

#endif
