/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes manual pages at build time: copies a template to stdout and puts in, for a line @VERBS@,
 * @EXITS@ or
 * @SETTINGS@, what the tables say, in the language of mdoc(7). Not installed.
 *
 * usage: manual TEMPLATE
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/option.h"

#define LINE_WIDTH 76

static void put_word(const char *word, size_t len, bool first)
{
	if (first && (*word == '.' || *word == '\''))
		fputs("\\&", stdout); /* not a control line */
	for (size_t i = 0; i < len; i++)
		if (word[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(word[i]);
}

/* Text of a table in lines of their own; mdoc(7) wants each sentence to begin one. */
static void put_text(const char *text, const char *end)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " ");
		bool ends = text[len] && text[len - 1] == '.';
		if (column && column + 1 + len > LINE_WIDTH) {
			putchar('\n');
			column = 0;
		}
		if (column)
			putchar(' ');
		put_word(text, len, column == 0);
		column += len + 1;
		text += len + strspn(text + len, " ");
		if (ends) {
			putchar('\n');
			column = 0;
		}
	}
	puts(end);
}

/* --- verbs --- */

static void put_option(const struct cli_option *row)
{
	const char *value = option_value_name(row);

	fputs(".It ", stdout);
	if (row->letter)
		printf("Fl %c , ", row->letter);
	printf("Fl -%s", row->name);
	if (value)
		printf(" Ar %s", value);
	putchar('\n');
	put_text(row->help, ".");
}

/* "SOURCE [ARG]..." as .Ar words and options. */
static void put_operands(const char *operands)
{
	char words[128], *rest = NULL;

	snprintf(words, sizeof(words), "%s", operands);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		bool optional = word[0] == '[', repeated = strstr(word, "...") != NULL;
		word += optional;
		word[strcspn(word, "].")] = '\0';
		printf(".%sAr %s%s\n", optional ? "Op " : "", word, repeated ? " ..." : "");
	}
}

static void put_verb(const struct verb *verb, const char *path)
{
	printf(".Ss %s\n.Bd -ragged -compact\n.Nm sandglass\n.Cm %s\n", path, path);
	if (verb->option_count)
		puts(".Op Ar option ...");
	put_operands(verb->operands);
	puts(".Ed\n.Pp");
	put_text(verb->summary, ".");
	if (verb->details)
		put_text(verb->details, "");
	if (!verb->option_count)
		return;
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < verb->option_count; i++)
		put_option(&verb->options[i]);
	puts(".El");
}

static void put_verbs(const struct verb *const *verbs, const char *before)
{
	char path[64];

	for (; *verbs; verbs++) {
		snprintf(path, sizeof(path), "%s%s", before, (*verbs)->name);
		if ((*verbs)->verbs) {
			strcat(path, " ");
			put_verbs((*verbs)->verbs, path);
		} else {
			put_verb(*verbs, path);
		}
	}
}

static void put_all_verbs(void)
{
	put_verbs(verb_table, "");
}

/* --- exit codes and settings --- */

static void put_exits(void)
{
	puts(".Bl -tag -width 999 -compact");
#define X(name, code, when)                                                                        \
	puts(".It " #code);                                                                        \
	put_text(when, "");
#include "cli/exits.def"
#undef X
	puts(".El");
}

static void put_setting(const char *name, const char *kind, const char *def, const char *doc)
{
	printf(".It Cm %s Pq %s", name, kind);
	if (def[0])
		printf(", default %s", def);
	putchar('\n');
	put_text(doc, "");
}

static void put_settings(void)
{
	puts(".Bl -tag -width Ds");
#define U64(name, unit, def, least, most, doc)                                                     \
	put_setting(#name,                                                                         \
		    unit[0] ? unit " from " #least " to " #most : "from " #least " to " #most,     \
		    #def, doc);
#define TEXT(name, def, doc) put_setting(#name, "text", def, doc);
#define FLAG(name, def, doc) put_setting(#name, "true or false", #def, doc);
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
	puts(".El");
}

static const struct part {
	const char *line;
	void (*fn)(void);
} parts[] = {
    {"@VERBS@\n", put_all_verbs},
    {"@EXITS@\n", put_exits},
    {"@SETTINGS@\n", put_settings},
};

static void put_line(const char *line)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(line, parts[i].line) == 0) {
			parts[i].fn();
			return;
		}
	fputs(line, stdout);
}

int main(int argc, char **argv)
{
	FILE *template = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[512];

	if (!template)
		return cli_fail(EXIT_CODE_NO_INPUT, "usage: manual TEMPLATE");
	while (fgets(line, sizeof(line), template))
		put_line(line);
	fclose(template);
	return fflush(stdout) == 0 ? 0 : EXIT_CODE_IO;
}
