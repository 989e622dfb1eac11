/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T32 Open files at N and N+1: a limit of 32 gives 29 beside 0, 1 and 2; it cannot be raised.
 * promise: 3
 * request: {"limits": {"open_files": 32}}
 * relax: {"limits": {"open_files": 64}}
 * without: RLIMITS -> open files
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/resource.h>

int
main(void)
{
	struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };
	int count = 3;

	setrlimit(RLIMIT_NOFILE, &limit);
	while (count < 200 && open("/dev/null", O_RDONLY) >= 0)
		count++;
	if (count != 32)
		escaped("%d open files under a limit of 32", count);
	return verdict("exactly 32 open files");
}
