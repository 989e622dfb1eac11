/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Personalities: no address randomisation, other kernels' manners, reading implies executing.
 * promise: 1
 * without: SECCOMP -> personality
 */
#include "../escape.h"

#include <sys/personality.h>
#include <sys/syscall.h>

int
main(void)
{
	filtered(syscall(SYS_personality, READ_IMPLIES_EXEC), "personality read implies exec");
	filtered(syscall(SYS_personality, MMAP_PAGE_ZERO), "personality page zero");
	filtered(syscall(SYS_personality, PER_LINUX32), "personality of 32 bits");
	filtered(syscall(SYS_modify_ldt, 0x11, NULL, 0), "personality by modify_ldt");
	return verdict("odd personalities are refused");
}
