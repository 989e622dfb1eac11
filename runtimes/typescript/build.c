/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build OUT ENTRY [--check]: types are stripped, enums, namespaces and decorators transformed,
 * imported files taken in. The source map in the result lets stack traces show the caller's names
 * and lines. A program and not a script: a shell with grep takes half as long as esbuild.
 *
 * Static, because it starts sooner so. Only one that is started to be parked (src/park), which is
 * done by a library that the loader loads, becomes another program.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"

#define CHECKER "/opt/typescript/lib/tsc"
#define TO_PARK "SANDGLASS_PARK" /* ipc/park.h */

extern char **environ;

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

int main(int argc, char **argv)
{
	struct bundle bundle;

	if (argc < 3)
		return 2;
	if (argc == 3 && getenv(TO_PARK))
		execve(BUILD_PARKED, argv, environ);
	if (argc > 3 && strcmp(argv[3], "--check") == 0 && !check(argv[2]))
		return 1;
	bundle_init(&bundle, argv[1], argv[2]);
	execve(BUNDLER, bundle.words, environ);
	return 127;
}
