/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

static int set_one(struct config *config, const char *assignment, struct err *err)
{
	const char *equals = strchr(assignment, '=');

	if (!equals)
		return err_set(err, ERR_BAD_REQUEST, "--set takes NAME=VALUE, not '%.60s'.",
			       assignment);
	_free_ char *name = strndup(assignment, (size_t)(equals - assignment));
	if (!name)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	return config_set(config, name, equals + 1, err);
}

int settings_load(const struct settings *settings, struct config *ret_config, struct err *err)
{
	struct config config;
	int rc = config_load(&config, settings->config, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < settings->set.count; i++)
		rc = set_one(&config, settings->set.items[i], err);
	if (rc == 0)
		rc = config_check(&config, err);
	if (rc < 0)
		config_finish(&config);
	else
		*ret_config = config;
	return rc;
}

char **settings_argv(const struct settings *settings, const char *program, const char *const *more,
		     size_t more_count)
{
	size_t most = 1 + more_count + 2 + 2 * settings->set.count + 1;
	const char **argv = calloc(most, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = program;
	for (size_t i = 0; i < more_count; i++)
		argv[n++] = more[i];
	if (settings->config) {
		argv[n++] = "--config";
		argv[n++] = settings->config;
	}
	for (size_t i = 0; i < settings->set.count; i++) {
		argv[n++] = "--set";
		argv[n++] = settings->set.items[i];
	}
	return (char **)argv;
}
