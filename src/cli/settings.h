/* SPDX-License-Identifier: Apache-2.0 */
/* The options --config and --set, which every verb that works on this machine takes. */
#ifndef SG_CLI_SETTINGS_H
#define SG_CLI_SETTINGS_H

#include "cli/cli.h"
#include "config/config.h"

struct settings {
	const char *config;   /* NULL: the default file, if there is one */
	struct text_list set; /* "name=value" */
};

/* Option rows for a member `settings` of the verb's struct. */
/* clang-format off */
#define SETTINGS_ROWS(type)                                                                        \
	{"config", '\0', OPTION_TEXT, "FILE", offsetof(type, settings.config), COMPLETE_FILE,      \
	 "read settings from FILE instead of " CONFIG_DEFAULT_PATH},                               \
	{"set", '\0', OPTION_LIST, "NAME=VALUE", offsetof(type, settings.set), COMPLETE_NONE,      \
	 "change one setting; may be given again ('sandglass config' lists them)"}
/* clang-format on */

/* Loads and checks; the caller finishes the configuration. 0, -ERR_CONFIG or -ERR_NO_MEMORY. */
int settings_load(const struct settings *settings, struct config *ret_config, struct err *err);
/*
 * The same settings as arguments of sandglassd, NULL-terminated: program, more, --config, --set ...
 * The array is the caller's to free, the texts are not. NULL out of memory.
 */
char **settings_argv(const struct settings *settings, const char *program, const char *const *more,
		     size_t more_count);

#endif
