/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/settings.h"

struct config_options {
	struct settings settings;
};

static int run_config(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct config_options *options = opts;
	struct config config;
	struct err err = {0};

	if (settings_load(&options->settings, &config, &err) < 0)
		return cli_fail_err(&err);
	config_print(&config, stdout);
	config_finish(&config);
	return 0;
}

/* clang-format off */
static const struct cli_option config_options[] = {
	SETTINGS_ROWS(struct config_options),
};
/* clang-format on */

const struct verb verb_config = {
    .name = "config",
    .operands = "",
    .summary = "Print every setting as it would be used, as a commented configuration file",
    .details =
	"Settings come from the file, then from SANDGLASS_<NAME> variables, then from --set.",
    .options = config_options,
    .option_count = ARRAY_LEN(config_options),
    .options_bytes = sizeof(struct config_options),
    .run = run_config,
};
