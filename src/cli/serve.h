/* SPDX-License-Identifier: Apache-2.0 */
/* `sandglass serve` and its demonstration. */
#ifndef SG_CLI_SERVE_H
#define SG_CLI_SERVE_H

#include "cli/settings.h"

/*
 * Makes a key, starts the server as a child, shows how to call it and what every runtime answers,
 * and stays until the server ends; SIGINT and SIGTERM are passed on to it. program, argv: the
 * server's. The exit code is the server's.
 */
int serve_demo(const struct settings *settings, const struct config *config, const char *program,
	       char **argv);

#endif
