/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "cli/option.h"

#define HELP_COLUMN 28
#define HELP_WIDTH  96

/* text from column `from` on, wrapped at spaces; the cursor stands at column `at`. */
static void print_wrapped(FILE *out, int at, int from, const char *text)
{
	if (at > 0 && at >= from) {
		fputc('\n', out);
		at = 0;
	}
	fprintf(out, "%*s", from - at, "");
	for (at = from; *text;) {
		int len = (int)strcspn(text, " ");
		if (at > from && at + 1 + len > HELP_WIDTH) {
			fprintf(out, "\n%*s", from, "");
			at = from;
		} else if (at > from) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, (size_t)len, out);
		at += len;
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

void help_verbs(const struct verb *const *verbs, const char *path, FILE *out)
{
	fprintf(out, "usage: %s VERB [OPTION]... [OPERAND]...\n\n", path);
	for (; *verbs; verbs++)
		print_wrapped(out, fprintf(out, "  %s", (*verbs)->name), 14, (*verbs)->summary);
	fprintf(out, "\n'%s VERB --help' shows a verb's options.\n", path);
}

static void print_option(const struct cli_option *row, FILE *out)
{
	char letter[8] = "    ";
	int at;

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	const char *value = option_value_name(row);
	at = fprintf(out, "  %s--%s%s%s", letter, row->name, value ? " " : "", value ? value : "");
	print_wrapped(out, at, HELP_COLUMN, row->help);
}

void help_verb(const struct verb *verb, const char *path, FILE *out)
{
	fprintf(out, "usage: %s%s%s%s\n\n", path, verb->option_count ? " [OPTION]..." : "",
		verb->operands[0] ? " " : "", verb->operands);
	fprintf(out, "%s.\n", verb->summary);
	if (verb->details) {
		fputc('\n', out);
		print_wrapped(out, 0, 0, verb->details);
	}
	if (verb->option_count)
		fputc('\n', out);
	for (size_t i = 0; i < verb->option_count; i++)
		print_option(&verb->options[i], out);
}

static int run_help(void *options _unused_, int argc, char **argv)
{
	const struct verb *const *verbs = verb_table;
	const struct verb *verb = NULL;
	char path[96] = "sandglass";

	for (int i = 0; i < argc; i++) {
		verb = verbs ? verb_find(verbs, argv[i]) : NULL;
		if (!verb)
			return cli_fail(EXIT_CODE_USAGE,
					"there is no '%s %.40s'; see 'sandglass help'", path,
					argv[i]);
		snprintf(path + strlen(path), sizeof(path) - strlen(path), " %s", verb->name);
		verbs = verb->verbs;
	}
	if (verbs)
		help_verbs(verbs, path, stdout);
	else
		help_verb(verb, path, stdout);
	return 0;
}

const struct verb verb_help = {
    .name = "help",
    .operands = "[VERB]...",
    .summary = "Explain a verb",
    .operands_most = 2,
    .run = run_help,
};
