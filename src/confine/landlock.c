/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "confine/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* Newer than the headers this may be built with: the scopes of ABI 6. */
#define SCOPE_ABSTRACT_SOCKETS (1ull << 0)
#define SCOPE_SIGNALS          (1ull << 1)
#define ALL_OF_ABI_1           ((1ull << 13) - 1)

struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static uint64_t rights_of_abi(int abi)
{
	return ALL_OF_ABI_1 | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) |
	       (abi >= 3 ? LANDLOCK_TRUNCATE : 0) | (abi >= 5 ? LANDLOCK_IOCTL_DEV : 0);
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

int landlock_restrict(const struct landlock_rule *rules, size_t count)
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
	for (size_t i = 0; i < count; i++)
		if (add_rule(fd, rules[i].path, rules[i].rights & handled) < 0)
			return -1;
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}
