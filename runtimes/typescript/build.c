/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build OUT ENTRY [--check]: types are stripped, enums, namespaces and decorators transformed,
 * imported files taken in. The source map in the result lets stack traces show the caller's names
 * and lines. A program and not a script: a shell with grep takes half as long as esbuild.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <regex.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECKER "/opt/typescript/lib/tsc"
#define BUNDLER "/opt/esbuild/bin/esbuild"
/* ?\?= is ??=, which C has had another meaning for */
#define BANNER                                                                                     \
	"import{createRequire as $require}from\"node:module\";"                                    \
	"globalThis.require?\?=$require(\"/work/\");globalThis.__dirname?\?=\"/work\";"

extern char **environ;

struct text {
	char *data;
	size_t len;
};

/* Empty if there is none: esbuild will say so. */
static struct text read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
		return (struct text){0};
	void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	return data == MAP_FAILED ? (struct text){0} : (struct text){data, (size_t)st.st_size};
}

static bool has(struct text text, const char *word)
{
	return text.len && memmem(text.data, text.len, word, strlen(word));
}

/* As a word, and no property. */
static bool has_await(struct text text)
{
	regmatch_t part = {.rm_eo = (regoff_t)text.len};
	regex_t word;

	if (!has(text, "await") || regcomp(&word, "(^|[^.[:alnum:]_$])await[^[:alnum:]_$]",
					   REG_EXTENDED | REG_NEWLINE) != 0)
		return false;
	return regexec(&word, text.data, 1, &part, REG_STARTEND) == 0;
}

/* A program is a CommonJS module, where `require.main === module` holds, unless it uses what only
 * ES modules have. */
static bool is_module(const char *entry)
{
	struct text text = read_text(entry);

	return (has(text, "import.meta") || has_await(text)) && !has(text, "require.main");
}

static bool check(char *entry)
{
	char *argv[] = {CHECKER,    "--noEmit", "--pretty",   "false",	  "--skipLibCheck",
			"--target", "esnext",	"--module",   "nodenext", "--typeRoots",
			"/opt",	    "--types",	"node-types", entry,	  NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	return posix_spawn(&pid, CHECKER, &actions, NULL, argv, environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

static void bundle(char *out, char *entry)
{
	bool module = is_module(entry);
	char file[4096];

	snprintf(file, sizeof(file), "--outfile=%s", out);
	char *argv[] = {BUNDLER,
			entry,
			"--bundle",
			"--platform=node",
			module ? "--format=esm" : "--format=cjs",
			"--packages=external",
			"--target=node24",
			"--keep-names",
			"--sourcemap=inline",
			"--log-level=warning",
			"--color=false",
			module ? "--banner:js=" BANNER : "--banner:js=",
			file,
			NULL};
	execve(BUNDLER, argv, environ);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	if (argc > 3 && strcmp(argv[3], "--check") == 0 && !check(argv[2]))
		return 1;
	bundle(argv[1], argv[2]);
	return 127;
}
