/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 T53 Tracing others and reading or writing their memory: ptrace, process_vm_*, /proc/pid/mem, pidfd_getfd.
 * promise: 1 4
 * without: SECCOMP -> (ptrace|process_vm|kcmp|pidfd_getfd)
 */
#include "../escape.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

int
main(void)
{
	char byte;
	struct iovec local = { .iov_base = &byte, .iov_len = 1 }, remote = { .iov_base = &byte, .iov_len = 1 };

	filtered(ptrace(PTRACE_ATTACH, 1, 0, 0), "ptrace attach to pid 1");
	filtered(ptrace(PTRACE_SEIZE, getppid(), 0, 0), "ptrace seize of the parent");
	filtered(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), "process_vm_readv");
	filtered(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), "process_vm_writev");
	filtered(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0), "kcmp");
	filtered(syscall(438, -1, 0, 0), "pidfd_getfd");
	filtered(syscall(440, -1, NULL, 0, 0, 0), "process_madvise");
	return verdict("no other process can be looked into");
}
