/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T17 A short source whose program is enormous: bounded by the disk limit of the compile.
 * promise: 3
 * held: disk_bytes
 * contained: compile_error|disk_limit|memory_limit
 * request: {"limits": {"disk_bytes": 4194304}}
 * relax: {"limits": {"disk_bytes": 104857600}}
 */
#include "../escape.h"

char enormous[16 << 20] = { 1 };

int
main(void)
{
	escaped("a program of 16 MiB was kept (%d)", enormous[0]);
	return 0;
}
