/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T29 T74 Raising what was lowered (setrlimit, prlimit), core dumps, locked memory.
 * promise: 3
 * without: RLIMITS -> (core|locked)
 */
#include "../escape.h"

#include <sys/mman.h>
#include <sys/resource.h>

static void
check_limit(int which, const char *name, rlim_t most)
{
	struct rlimit limit, higher;

	getrlimit((__rlimit_resource_t)which, &limit);
	if (limit.rlim_max > most)
		escaped("%s may be %llu", name, (unsigned long long)limit.rlim_max);
	higher.rlim_cur = higher.rlim_max = limit.rlim_max + 4096;
	if (limit.rlim_max != RLIM_INFINITY && setrlimit((__rlimit_resource_t)which, &higher) == 0)
		escaped("%s was raised", name);
}

int
main(void)
{
	const size_t size = 64u << 20;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check_limit(RLIMIT_CORE, "core size", 1); /* 1: no file, and no program of core_pattern either (core(5)) */
	check_limit(RLIMIT_MEMLOCK, "locked memory", 16u << 20);
	check_limit(RLIMIT_RTPRIO, "real-time priority", 0);
	if (mlock(memory, size) == 0)
		escaped("64 MiB were locked");
	return verdict("limits hold and cannot be raised");
}
