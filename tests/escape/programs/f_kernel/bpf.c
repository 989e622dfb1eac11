/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Loading code into the kernel: bpf, perf events, seccomp listeners.
 * promise: 1
 * without: SECCOMP -> (bpf|perf|seccomp)
 */
#include "../escape.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>

int
main(void)
{
	unsigned char attr[128] = { 1, 0, 0, 0, 128 };
	struct {
		unsigned short count;
		void *program;
	} none = { 0, NULL };

	filtered(syscall(SYS_bpf, 0, attr, sizeof(attr)), "bpf map");
	filtered(syscall(SYS_bpf, 5, attr, 1 << 20), "bpf program");
	filtered(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), "perf_event_open");
	filtered(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &none),
	         "seccomp listener");
	return verdict("no code goes into the kernel");
}
