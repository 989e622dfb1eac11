/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Holding the kernel at a page fault (userfaultfd), the classic helper of races.
 * promise: 1
 * without: SECCOMP -> userfaultfd
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/syscall.h>

int
main(void)
{
	filtered(syscall(SYS_userfaultfd, O_CLOEXEC | 1), "userfaultfd for user mode");
	filtered(syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd");
	refused(open("/dev/userfaultfd", O_RDWR), "/dev/userfaultfd");
	return verdict("no userfaultfd");
}
