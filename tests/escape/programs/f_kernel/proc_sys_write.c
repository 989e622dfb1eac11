/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T44 Kernel settings that run code or weaken the host: core_pattern, modprobe, sysrq, binfmt_misc; net of one's own.
 * promise: 1
 * without: SECCOMP,PROC_MASK -> opened
 * needs: userns
 */
#include "../escape.h"

#include <fcntl.h>
#include <sched.h>

int
main(void)
{
	static const char *const files[] = {
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
		"/proc/sys/kernel/randomize_va_space", "/proc/sys/vm/overcommit_memory", "/proc/sys/fs/binfmt_misc/register",
		"/proc/sysrq-trigger", "/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/shmmax", "/proc/sys/fs/mqueue/msg_max",
		"/proc/sys/net/ipv4/conf/all/forwarding", "/proc/sys/net/core/somaxconn",
	};

	/* Root of a namespace of one's own may change the settings of that namespace: the rest of the way in. */
	unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_WRONLY);

		if (fd >= 0) {
			escaped("opened for writing %s", files[i]); /* and never written to */
			close(fd);
		} else {
			printf("refused %s %s\n", files[i], errno_name(errno));
		}
	}
	return verdict("no setting of the kernel can be changed");
}
