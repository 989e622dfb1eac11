/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 T40 The x32 numbers (bit 30), which a filter that compares numbers does not know.
 * promise: 1
 * contained: ok|signal
 * signal: SIGSYS
 * see: knocking
 * without: SECCOMP -> x32
 * needs: x32
 */
#include "../escape.h"

#include <sys/syscall.h>

int
main(void)
{
	const long bit = 0x40000000;

	printf("knocking\n");
	fflush(stdout);
	filtered(syscall(bit | SYS_getpid), "x32 getpid");
	filtered(syscall(bit | SYS_socket, 16, 3, 0), "x32 socket(netlink)");
	filtered(syscall(bit | SYS_unshare, 0x10000000), "x32 unshare(user)");
	filtered(syscall(bit | 521, 0), "x32 ptrace");
	return verdict("the x32 door is shut");
}
