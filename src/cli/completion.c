/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion scripts, printed from the tables of verbs. Each shell is a row: what comes before and
 * after, and how one verb is written, path being its words behind "sandglass" ("" for the list of
 * verbs).
 */
#include <stdio.h>
#include <string.h>

#include "cli/option.h"

struct shell {
	void (*begin)(void);
	void (*verb)(const char *path, const struct verb *verb, const struct verb *const *verbs);
	void (*end)(void);
};

/* text inside single quotes, with a backslash before each byte of special. */
static void put_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr(special, *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* "keys|image": the verbs whose next word is a verb as well. */
static void put_parents(const char *separator)
{
	const char *before = "";

	for (const struct verb *const *verb = verb_table; *verb; verb++) {
		if (!(*verb)->verbs)
			continue;
		printf("%s%s", before, (*verb)->name);
		before = separator;
	}
}

static void walk(const struct shell *shell, const char *path, const struct verb *verb,
		 const struct verb *const *verbs)
{
	char longer[64];

	shell->verb(path, verb, verbs);
	for (; verbs && *verbs; verbs++) {
		snprintf(longer, sizeof(longer), "%s%s%s", path, path[0] ? " " : "",
			 (*verbs)->name);
		walk(shell, longer, *verbs, (*verbs)->verbs);
	}
}

/* --- bash --- */

static void bash_begin(void)
{
	printf("# bash completion of sandglass, made by `sandglass completion bash`\n"
	       "_sandglass()\n{\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words= files=\n"
	       "\t[ \"$COMP_CWORD\" -gt 1 ] || verb=\n"
	       "\tcase $verb in\n\t");
	put_parents("|");
	printf(") [ \"$COMP_CWORD\" -le 2 ] || verb+=\" ${COMP_WORDS[2]}\" ;;\n\tesac\n"
	       "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n"
	       "\t--config|--stdin|--input|-i|--entry|--output|-o|--ca) verb=- files=1 ;;\n\tesac\n"
	       "\tcase $verb in\n");
}

static void bash_verb(const char *path, const struct verb *verb, const struct verb *const *verbs)
{
	printf("\t'%s') words='", path);
	for (; verbs && *verbs; verbs++)
		printf("%s ", (*verbs)->name);
	for (size_t i = 0; verb && i < verb->option_count; i++)
		printf("--%s ", verb->options[i].name);
	printf("--help'%s ;;\n", verb && verb->complete == COMPLETE_FILE ? " files=1" : "");
}

static void bash_end(void)
{
	printf("\tesac\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\";"
	       " [ -z \"$files\" ] || compgen -f -- \"$word\")\n"
	       "}\n"
	       "complete -o filenames -F _sandglass sandglass\n");
}

/* --- zsh: _arguments(1) with one specification per option; [ ] and : are its own signs --- */

#define ZSH_SPECIAL "[]:\\"

static void zsh_begin(void)
{
	printf("#compdef sandglass\n"
	       "# made by `sandglass completion zsh`\n"
	       "_sandglass()\n{\n"
	       "\tlocal -a specs\n"
	       "\tlocal verb=\n"
	       "\tif (( CURRENT > 2 )); then\n\t\tverb=${words[2]}; shift words; (( CURRENT-- "
	       "))\n\tfi\n"
	       "\tcase $verb in\n\t");
	put_parents("|");
	printf(")\n\t\tif (( CURRENT > 2 )); then\n"
	       "\t\t\tverb+=\" ${words[2]}\"; shift words; (( CURRENT-- ))\n\t\tfi ;;\n\tesac\n"
	       "\tcase $verb in\n");
}

static void zsh_option(const struct cli_option *row)
{
	const char *value = option_value_name(row);

	printf(" '%s--%s[", row->kind == OPTION_LIST ? "*" : "", row->name);
	put_quoted(row->help, ZSH_SPECIAL);
	printf("]");
	if (value) {
		printf(":");
		put_quoted(value, ZSH_SPECIAL);
		printf(":%s", row->complete == COMPLETE_FILE ? "_files" : "");
	}
	printf("'");
}

static void zsh_verb(const char *path, const struct verb *verb, const struct verb *const *verbs)
{
	printf("\t'%s') specs=('--help[explain]'", path);
	if (verbs) {
		printf(" '1:verb:((");
		for (; *verbs; verbs++) {
			printf("%s\\:\"", (*verbs)->name);
			put_quoted((*verbs)->summary, "\"\\");
			printf("\" ");
		}
		printf("))'");
	}
	for (size_t i = 0; verb && i < verb->option_count; i++)
		zsh_option(&verb->options[i]);
	printf("%s) ;;\n", verb && verb->complete == COMPLETE_FILE ? " '*:file:_files'" : "");
}

static void zsh_end(void)
{
	printf("\tesac\n"
	       "\t_arguments -s $specs\n"
	       "}\n"
	       "_sandglass \"$@\"\n");
}

/* --- fish: one line per word --- */

static void fish_begin(void)
{
	printf("# fish completion of sandglass, made by `sandglass completion fish`\n"
	       "function __sandglass_at\n"
	       "\tset -l words (commandline -opc | string match -v -- '-*')\n"
	       "\ttest \"$words[2..]\" = \"$argv\"\n"
	       "end\n"
	       "function __sandglass_in\n"
	       "\tstring match -q -- \"$argv *\" (string join ' ' (commandline -opc)[2..])' '\n"
	       "end\n"
	       "complete -c sandglass -f\n");
}

static void fish_option(const char *path, const struct cli_option *row)
{
	printf("complete -c sandglass -n '__sandglass_in %s' -l %s", path, row->name);
	if (row->letter)
		printf(" -s %c", row->letter);
	if (option_value_name(row))
		printf(" -r%s", row->complete == COMPLETE_FILE ? "F" : "");
	printf(" -d '");
	put_quoted(row->help, "\\");
	printf("'\n");
}

static void fish_verb(const char *path, const struct verb *verb, const struct verb *const *verbs)
{
	for (; verbs && *verbs; verbs++) {
		printf("complete -c sandglass -n '__sandglass_at %s' -a %s -d '", path,
		       (*verbs)->name);
		put_quoted((*verbs)->summary, "\\");
		printf("'\n");
	}
	for (size_t i = 0; verb && i < verb->option_count; i++)
		fish_option(path, &verb->options[i]);
	if (verb && verb->complete == COMPLETE_FILE)
		printf("complete -c sandglass -n '__sandglass_in %s' -F\n", path);
}

static void fish_end(void)
{
}

/* --- the verb --- */

static int print(const struct shell *shell)
{
	shell->begin();
	walk(shell, "", NULL, verb_table);
	shell->end();
	return 0;
}

static int run_bash(void *options _unused_, int argc _unused_, char **argv _unused_)
{
	return print(&(const struct shell){bash_begin, bash_verb, bash_end});
}

static int run_zsh(void *options _unused_, int argc _unused_, char **argv _unused_)
{
	return print(&(const struct shell){zsh_begin, zsh_verb, zsh_end});
}

static int run_fish(void *options _unused_, int argc _unused_, char **argv _unused_)
{
	return print(&(const struct shell){fish_begin, fish_verb, fish_end});
}

static const struct verb verb_bash = {
    .name = "bash",
    .operands = "",
    .summary = "Print the completion script of bash",
    .run = run_bash,
};
static const struct verb verb_zsh = {
    .name = "zsh",
    .operands = "",
    .summary = "Print the completion script of zsh",
    .run = run_zsh,
};
static const struct verb verb_fish = {
    .name = "fish",
    .operands = "",
    .summary = "Print the completion script of fish",
    .run = run_fish,
};

static const struct verb *const shell_verbs[] = {&verb_bash, &verb_zsh, &verb_fish, NULL};

const struct verb verb_completion = {
    .name = "completion",
    .operands = "",
    .summary = "Print a script that completes words on a shell's command line",
    .verbs = shell_verbs,
};
