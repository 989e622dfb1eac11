/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 System V shared memory, which lives on without any process.
 * promise: 3
 * contained: memory_limit|ok
 * request: {"limits": {"memory_bytes": 67108864}}
 * relax: {"limits": {"memory_bytes": 402653184}}
 * without: CGROUP -> took
 */
#include "../escape.h"

#include <sys/ipc.h>
#include <sys/shm.h>

int
main(void)
{
	const size_t size = 128u << 20;
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	char *memory = id >= 0 ? shmat(id, NULL, 0) : (void *)-1;

	if (memory == (void *)-1)
		return verdict("System V memory is refused");
	shmctl(id, IPC_RMID, NULL);
	memset(memory, 1, size);
	escaped("took %zu MiB", size >> 20);
	return 0;
}
