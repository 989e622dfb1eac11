/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 T40 The 32-bit door: int 0x80 from a 64-bit program, where the numbers mean other calls.
 * promise: 1
 * contained: ok|signal
 * signal: SIGSYS
 * see: knocking
 * without: SECCOMP -> int 0x80
 * needs: ia32
 */
#include "../escape.h"

static long
call32(long number, long first, long second, long third)
{
	long ret;

	__asm__ volatile("int $0x80"
	                 : "=a"(ret)
	                 : "a"(number), "b"(first), "c"(second), "d"(third)
	                 : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static void
knock(long number, long first, long second, long third, const char *what)
{
	long ret = call32(number, first, second, third);

	if (ret < 0 && ret > -4096) {
		errno = (int)-ret;
		ret = -1;
	}
	filtered(ret, what);
}

int
main(void)
{
	printf("knocking\n");
	fflush(stdout);
	knock(20, 0, 0, 0, "int 0x80 getpid");
	knock(359, 16, 3, 0, "int 0x80 socket(netlink)");
	knock(310, 0x10000000, 0, 0, "int 0x80 unshare(user)");
	knock(26, 0, 0, 0, "int 0x80 ptrace(traceme)");
	knock(425, 1, 0, 0, "int 0x80 io_uring_setup");
	return verdict("the 32-bit door is shut");
}
