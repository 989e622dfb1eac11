/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 The new mount calls: open_tree, move_mount, fsopen, fsmount, fspick, mount_setattr, statmount.
 * promise: 1
 * without: SECCOMP -> (open_tree|fs|mount)
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/syscall.h>

int
main(void)
{
	filtered(syscall(428, AT_FDCWD, "/usr", 0), "open_tree");
	filtered(syscall(428, AT_FDCWD, "/usr", 1), "open_tree of a copy");
	filtered(syscall(429, -1, "", AT_FDCWD, "/tmp", 4), "move_mount");
	filtered(syscall(430, "tmpfs", 0), "fsopen");
	filtered(syscall(431, -1, 0, 0, 0, 0), "fsconfig");
	filtered(syscall(432, -1, 0, 0), "fsmount");
	filtered(syscall(433, AT_FDCWD, "/", 0), "fspick");
	filtered(syscall(442, AT_FDCWD, "/", 0, "", 0), "mount_setattr");
	filtered(syscall(457, NULL, NULL, 0, 0), "statmount");
	filtered(syscall(458, NULL, NULL, 0, 0), "listmount");
	return verdict("no new mount calls");
}
