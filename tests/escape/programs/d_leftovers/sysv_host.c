/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T22 T29 Shared memory of the host that everybody may attach.
 * promise: 1
 * without: IPCNS -> attached
 */
#include "../escape.h"

#include <sys/ipc.h>
#include <sys/shm.h>

int
main(void)
{
	int id = shmget((key_t)strtol(given("ESC_SHM_KEY"), NULL, 0), 0, 0);
	char *memory = id >= 0 ? shmat(id, NULL, SHM_RDONLY) : (void *)-1;

	if (memory != (void *)-1)
		escaped("attached the host's memory: %.30s", memory);
	return verdict("the host's shared memory is not there");
}
