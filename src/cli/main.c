/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandglass: the command line. A client of a server somewhere (exec, runtimes), the starter of one
 * here (serve, exec without a server), and the operator's tool on the server's machine (image,
 * keys, doctor).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
	/*
	 * A reader that goes away (| head) is an error of write(2), which every verb checks at
	 * its end.
	 */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		argv[1] = "version";
	int rc = verb_dispatch(verb_table, "sandglass", argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout))
		return rc ? rc : EXIT_CODE_IO;
	return rc;
}
