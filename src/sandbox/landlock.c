/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step of the recipe: Landlock, the second wall around files (landlock(7),
 * Documentation/userspace-api).
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/jail.h"

/* Newer than the headers this may be built with: the rights of ABI 3 and 5, the scopes of ABI 6. */
#define FS_TRUNCATE            (1ull << 14)
#define FS_IOCTL_DEV           (1ull << 15)
#define SCOPE_ABSTRACT_SOCKETS (1ull << 0)
#define SCOPE_SIGNALS          (1ull << 1)

struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

#define READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define NAMES                                                                                      \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                               \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
#define ALL_OF_ABI_1 ((1ull << 13) - 1)

/* Beneath the path these rights; rights add up. Nobody may make device nodes anywhere. */
static const struct {
	const char *path;
	uint64_t rights;
} rules[] = {
    {"/", READ | LANDLOCK_ACCESS_FS_EXECUTE},
    {"/work", WRITE | NAMES},
    {"/home", WRITE | NAMES},
    {"/tmp", WRITE | NAMES},
    {"/dev/shm", WRITE | NAMES},
    {"/dev", WRITE | FS_IOCTL_DEV},
    {"/proc", LANDLOCK_ACCESS_FS_WRITE_FILE}, /* comm, oom_score_adj, ... of the program's own */
};

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static uint64_t rights_of_abi(int abi)
{
	return ALL_OF_ABI_1 | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) |
	       (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static int add_rule(int ruleset_fd, const char *path, uint64_t rights)
{
	_close_ int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct landlock_path_beneath_attr beneath = {.allowed_access = rights, .parent_fd = fd};

	if (fd < 0)
		return -1;
	return (int)syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &beneath,
			    0);
}

int step_landlock(struct jail_plan *plan _unused_)
{
	int abi = landlock_abi();
	uint64_t handled = rights_of_abi(abi);
	struct ruleset ruleset = {
	    .handled_fs = handled,
	    .scoped = abi >= 6 ? SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS : 0,
	};

	/* Older kernels take the longer struct as long as what they do not know is zero. */
	_close_ int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
	if (fd < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (add_rule(fd, rules[i].path, rules[i].rights & handled) < 0)
			return -1;
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}
