/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (landlock(7)): what a process, and all it will ever start, may do with files. Needs no_new_privs. */
#ifndef SG_CONFINE_LANDLOCK_H
#define SG_CONFINE_LANDLOCK_H

#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>

/* Newer than the headers this may be built with: the rights of ABI 3 and 5. */
#define LANDLOCK_TRUNCATE  (1ull << 14)
#define LANDLOCK_IOCTL_DEV (1ull << 15)

/* What rules are made of. */
#define LANDLOCK_READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define LANDLOCK_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_TRUNCATE)
#define LANDLOCK_NAMES                                                                             \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                               \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

/* Beneath the path these rights; rights of several rules add up. */
struct landlock_rule {
	const char *path;
	uint64_t rights;
};

/* The version of Landlock in this kernel, 0 if there is none. */
int landlock_abi(void);
/*
 * Refuses, for good, all rights that this kernel knows and no rule gives; abstract sockets and signals stay
 * among those who are restricted together. 0, or -1 with errno.
 */
int landlock_restrict(const struct landlock_rule *rules, size_t count);

#endif
