/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"

static int run_version(void *options _unused_, int argc _unused_, char **argv _unused_)
{
	puts("sandglass " SANDGLASS_VERSION);
	return 0;
}

const struct verb verb_version = {
    .name = "version",
    .operands = "",
    .summary = "Print the version",
    .run = run_version,
};
