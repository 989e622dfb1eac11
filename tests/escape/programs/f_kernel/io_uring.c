/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 T39 io_uring, whose requests no system call filter sees.
 * promise: 1
 * without: SECCOMP -> io_uring
 * needs: io_uring
 */
#include "../escape.h"

#include <sys/syscall.h>

int
main(void)
{
	unsigned char params[256] = { 0 };

	filtered(syscall(425, 8, params), "io_uring_setup");
	filtered(syscall(426, 0, 1, 1, 0, NULL, 0), "io_uring_enter");
	filtered(syscall(427, 0, 0, NULL, 0), "io_uring_register");
	return verdict("no io_uring");
}
