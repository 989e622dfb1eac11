/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls of a frozen process. Not through the C library: errno belongs to whoever is
 * interrupted, and an interpreter's library (park/park.c) may stand before syscall(3).
 */
#ifndef SG_ZFORK_SYS_H
#define SG_ZFORK_SYS_H

#include <sys/syscall.h>

/* The kernel's answer: -errno for an error. */
static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long answer;

	__asm__ volatile("syscall"
			 : "=a"(answer)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return answer;
}

#define SYS_ARGS(number, a, b, c, d, e, f, ...)                                                    \
	sys_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* sys(number, up to six arguments) */
#define sys(...) SYS_ARGS(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

#endif
