/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve.h"

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct serve_options {
	struct settings settings;
	const char *listen;
	bool demo;
};

/* --listen A is --set listen=A, so that there is one way for a setting to reach the server. */
static int add_listen(struct settings *settings, const char *listen, char **ret_assignment)
{
	size_t len = strlen(listen) + sizeof("listen=");
	const char **items =
	    reallocarray(settings->set.items, settings->set.count + 1, sizeof(*items));

	if (!items)
		return -ERR_NO_MEMORY;
	settings->set.items = items;
	*ret_assignment = malloc(len);
	if (!*ret_assignment)
		return -ERR_NO_MEMORY;
	snprintf(*ret_assignment, len, "listen=%s", listen);
	items[settings->set.count++] = *ret_assignment;
	return 0;
}

static int serve(const struct settings *settings, bool demo)
{
	struct config config;
	struct err err = {0};
	char program[4096];

	if (settings_load(settings, &config, &err) < 0)
		return cli_fail_err(&err);
	snprintf(program, sizeof(program), "%s/sandglassd", config.libexec_dir);
	_free_ char **argv = settings_argv(settings, program, NULL, 0);
	if (!argv)
		return cli_fail(EXIT_CODE_SOFTWARE, "out of memory");
	if (access(program, X_OK) < 0)
		return cli_fail(EXIT_CODE_CONFIG,
				"there is no %s; run 'make install' or set libexec_dir", program);
	if (demo) {
		int code = serve_demo(settings, &config, program, argv);
		config_finish(&config);
		return code;
	}
	signal(SIGPIPE, SIG_DFL);
	execv(program, argv);
	return cli_fail(EXIT_CODE_UNAVAILABLE, "starting %s failed: %s", program, strerror(errno));
}

static int run_serve(void *opts, int argc _unused_, char **argv _unused_)
{
	struct serve_options *options = opts;
	_free_ char *assignment = NULL;

	if (options->listen && add_listen(&options->settings, options->listen, &assignment) < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "out of memory");
	return serve(&options->settings, options->demo);
}

/* clang-format off */
static const struct cli_option serve_options[] = {
	{"listen", 'l', OPTION_TEXT, "ADDRESS:PORT", offsetof(struct serve_options, listen), COMPLETE_NONE,
	 "serve there instead of 127.0.0.1:8080"},
	{"demo", '\0', OPTION_FLAG, NULL, offsetof(struct serve_options, demo), COMPLETE_NONE,
	 "make a key, print a line to paste, and run hello in every language first"},
	SETTINGS_ROWS(struct serve_options),
};
/* clang-format on */

const struct verb verb_serve = {
    .name = "serve",
    .operands = "",
    .summary = "Start the server in the foreground",
    .details =
	"It logs to standard error. SIGTERM or SIGINT ends it when the runs under way are done, a"
	" second one at once.",
    .options = serve_options,
    .option_count = ARRAY_LEN(serve_options),
    .options_bytes = sizeof(struct serve_options),
    .run = run_serve,
};
