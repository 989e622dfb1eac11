/* SPDX-License-Identifier: Apache-2.0 */
/* From words to a verb's function; help is printed from the same rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/option.h"

const struct verb *const verb_table[] = {
#define X(name) &verb_##name,
#include "cli/verbs.def"
#undef X
    NULL,
};

const struct verb *verb_find(const struct verb *const *verbs, const char *name)
{
	for (; *verbs; verbs++)
		if (strcmp((*verbs)->name, name) == 0)
			return *verbs;
	return NULL;
}

static int check_operands(const struct verb *verb, const char *path, int count)
{
	if (count < verb->operands_least)
		return cli_fail(EXIT_CODE_USAGE, "%s needs %s; see '%s --help'", path,
				verb->operands, path);
	if (verb->operands_most >= 0 && count > verb->operands_most)
		return cli_fail(EXIT_CODE_USAGE,
				"%s takes no more than %d operand%s; see '%s --help'", path,
				verb->operands_most, verb->operands_most == 1 ? "" : "s", path);
	return 0;
}

static int parse_and_run(const struct verb *verb, const char *path, int argc, char **argv,
			 void *options)
{
	struct err err = {0};
	bool help = false;
	int first = option_parse(verb, path, argc, argv, options, &help, &err);

	if (first < 0)
		return cli_fail_err(&err);
	if (help) {
		help_verb(verb, path, stdout);
		return 0;
	}
	int rc = check_operands(verb, path, argc - first);
	return rc ? rc : verb->run(options, argc - first, argv + first);
}

static int run(const struct verb *verb, const char *path, int argc, char **argv)
{
	if (verb->verbs)
		return verb_dispatch(verb->verbs, path, argc, argv);
	_free_ void *options = calloc(1, verb->options_bytes + 1);
	if (!options)
		return cli_fail(EXIT_CODE_SOFTWARE, "out of memory");
	int rc = parse_and_run(verb, path, argc, argv, options);
	option_free(verb, options);
	return rc;
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int verb_dispatch(const struct verb *const *verbs, const char *path, int argc, char **argv)
{
	char longer[96];

	if (argc < 2) {
		help_verbs(verbs, path, stderr);
		return EXIT_CODE_USAGE;
	}
	const struct verb *verb = verb_find(verbs, argv[1]);
	if (!verb && asks_for_help(argv[1])) {
		help_verbs(verbs, path, stdout);
		return 0;
	}
	if (!verb)
		return cli_fail(EXIT_CODE_USAGE, "there is no '%s %.40s'; see '%s --help'", path,
				argv[1], path);
	snprintf(longer, sizeof(longer), "%s %s", path, verb->name);
	return run(verb, longer, argc - 1, argv + 1);
}
