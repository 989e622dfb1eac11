/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 The classic way out of a changed root: chroot deeper, then walk up from a descriptor held outside.
 * promise: 1
 * without: SECCOMP -> chroot
 * needs: userns
 */
#include "../escape.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int
main(void)
{
	int held = open("/", O_RDONLY | O_DIRECTORY);

	mkdir("/tmp/deeper", 0700);
	unshare(CLONE_NEWUSER | CLONE_NEWNS); /* the right to, in a namespace of its own */
	filtered(chroot("/tmp/deeper"), "chroot");
	if (escape_count != 0 && fchdir(held) == 0 && chdir("../../../..") == 0)
		printf("climbed out of the new root\n");
	filtered(syscall(SYS_pivot_root, "/tmp", "/tmp"), "pivot_root");
	return verdict("the root cannot be changed");
}
