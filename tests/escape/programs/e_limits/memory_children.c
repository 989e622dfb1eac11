/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 The sum over children: eight of 16 MiB each.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 67108864}}
 * relax: {"limits": {"memory_bytes": 402653184}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <sys/wait.h>

enum { CHILDREN = 8, EACH = 16 << 20 };

int
main(void)
{
	int go[2], whole = 0, status;

	if (pipe(go) != 0)
		return 2;
	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0) {
			volatile char *memory = malloc(EACH);
			char byte;

			close(go[1]);
			for (int at = 0; memory != NULL && at < EACH; at += 4096)
				memory[at] = 1;
			/* The end of the pipe says that all children hold their part at the same time. */
			_exit(memory == NULL || read(go[0], &byte, 1) != 0);
		}
	}
	sleep(1);
	close(go[1]);
	while (wait(&status) > 0)
		whole += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (whole == CHILDREN)
		escaped("took %d MiB in %d children", CHILDREN * (EACH >> 20), CHILDREN);
	return verdict("not all children lived");
}
