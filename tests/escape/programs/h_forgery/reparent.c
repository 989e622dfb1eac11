/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T53 Orphans given to pid 1 end with exit code 0 before and after the program ends with 9.
 * promise: 4
 * held: pid 1 tells the program from orphans
 * contained: error
 * exit_code: 9
 * relax: {"args": ["0"]}
 * relaxed: ok
 */
#include "../escape.h"

#include <sys/wait.h>

int
main(int argc, char **argv)
{
	for (int i = 0; i < 20; i++) {
		if (fork() == 0) {
			if (fork() == 0)
				usleep(i * 1000);
			_exit(0);
		}
		wait(NULL);
	}
	if (argc > 1)
		escaped("planted: exits with %s", argv[1]);
	verdict("orphans say nothing about the program");
	return argc > 1 ? 0 : 9;
}
