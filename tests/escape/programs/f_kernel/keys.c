/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T22 T39 Kernel keyrings: state that belongs to a user id and outlives every process.
 * promise: 1 2
 * without: SECCOMP -> key
 */
#include "../escape.h"

#include <sys/syscall.h>

int
main(void)
{
	filtered(syscall(SYS_add_key, "user", "sandglass-mark", "x", 1, -4), "add_key");
	filtered(syscall(SYS_request_key, "user", "sandglass-mark", NULL, 0), "request_key");
	filtered(syscall(SYS_keyctl, 0, -3, 1), "keyctl");
	return verdict("no keyrings");
}
