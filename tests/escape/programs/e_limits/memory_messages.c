/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 System V messages that nobody receives: kernel memory in objects that outlive the process.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 33554432}}
 * relax: {"limits": {"memory_bytes": 402653184}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <sys/ipc.h>
#include <sys/msg.h>

int
main(void)
{
	static struct {
		long type;
		char text[8192];
	} message = { .type = 1 };
	size_t held = 0;

	for (int i = 0; i < 8000 && held < (96u << 20); i++) {
		int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

		if (queue < 0)
			break;
		while (msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT) == 0)
			held += sizeof(message.text);
	}
	if (held >= (96u << 20))
		escaped("took %zu MiB in messages", held >> 20);
	printf("held %zu KiB\n", held >> 10);
	return verdict("messages are bounded");
}
