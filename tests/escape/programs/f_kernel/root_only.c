/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 What only root may: modules, kexec, swap, accounting, quotas, reboot, clock, I/O ports, host name.
 * promise: 1
 * without: SECCOMP -> reached
 */
#include "../escape.h"

#include <sys/io.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

/* Every call has an argument that makes it fail even for root: nothing happens to the host. */
int
main(void)
{
	struct timespec wrong = { .tv_sec = -1, .tv_nsec = -1 };

	filtered(syscall(SYS_init_module, NULL, 0, ""), "init_module");
	filtered(syscall(SYS_finit_module, -1, "", 0), "finit_module");
	filtered(syscall(SYS_delete_module, "no_such_module", 0), "delete_module");
	filtered(syscall(SYS_kexec_load, 0, 99, NULL, 0), "kexec_load");
	filtered(swapon("/no/such/file", 0), "swapon");
	filtered(swapoff("/no/such/file"), "swapoff");
	filtered(acct("/no/such/file"), "acct");
	filtered(syscall(SYS_quotactl, -1, NULL, 0, NULL), "quotactl");
	filtered(syscall(SYS_reboot, 0, 0, 0, NULL), "reboot");
	filtered(syscall(SYS_clock_settime, CLOCK_REALTIME, &wrong), "clock_settime");
	filtered(syscall(SYS_settimeofday, (void *)1, NULL), "settimeofday");
	filtered(syscall(SYS_iopl, 4), "iopl");
	filtered(syscall(SYS_ioperm, 1ul << 40, 1, 1), "ioperm");
	filtered(syscall(SYS_sethostname, "", -1), "sethostname");
	filtered(syscall(SYS_syslog, 99, NULL, 0), "syslog");
	filtered(syscall(SYS_vhangup), "vhangup");
	filtered(syscall(SYS_lookup_dcookie, 0, NULL, 0), "lookup_dcookie");
	return verdict("nothing of root's is reached");
}
