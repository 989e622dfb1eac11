/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "zfork/maps.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/util.h"

struct map {
	uintptr_t begin, end;
	char rights[5]; /* "rwxp", proc_pid_maps(5) */
	char name[256];
};

static bool parse(const char *line, struct map *map)
{
	map->name[0] = '\0';
	return sscanf(line, "%lx-%lx %4s %*s %*s %*s %255[^\n]", &map->begin, &map->end,
		      map->rights, map->name) >= 3;
}

/* "[vvar]" and its like are the kernel's: madvise(2) refuses them. */
static bool is_kernels(const struct map *map)
{
	return strncmp(map->name, "[v", 2) == 0;
}

static int prepare_one(const struct map *map, struct err *err)
{
	if (map->rights[3] == 's' && map->rights[1] == 'w')
		return err_set(err, ERR_NOT_IMPLEMENTED, "Memory is shared and writable: %s.",
			       map->name);
	if (map->rights[3] == 's' || is_kernels(map) ||
	    madvise((void *)map->begin, map->end - map->begin, MADV_DOFORK) == 0)
		return 0;
	/* another thread has unmapped it meanwhile */
	return errno == ENOMEM
		   ? 0
		   : err_set(err, ERR_NOT_IMPLEMENTED, "Memory cannot be copied: %s.", map->name);
}

int maps_prepare(struct err *err)
{
	char line[512];
	struct map map;
	int rc = 0;
	FILE *maps = fopen("/proc/self/maps", "re");

	if (!maps)
		return err_set(err, ERR_NOT_IMPLEMENTED, "There is no /proc/self/maps.");
	while (rc == 0 && fgets(line, sizeof(line), maps))
		if (parse(line, &map))
			rc = prepare_one(&map, err);
	fclose(maps);
	return rc;
}
