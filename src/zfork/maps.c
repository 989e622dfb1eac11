/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "zfork/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "zfork/sys.h"

#define RIGHTS_LEN 4 /* "rwxp" */

/* A line of proc_pid_maps(5): "begin-end rwxp offset device inode   name". */
struct map {
	uintptr_t begin, end;
	char *rights, *name;
};

static bool parse(char *line, struct map *map)
{
	char *at = line;

	map->begin = strtoul(at, &at, 16);
	if (*at != '-')
		return false;
	map->end = strtoul(at + 1, &at, 16);
	map->rights = at + 1;
	map->name = at + strcspn(at, "/[");
	return *at == ' ' && strlen(map->rights) > RIGHTS_LEN;
}

/* "[vvar]" and its like are the kernel's: madvise(2) refuses them. */
static bool is_kernels(const struct map *map)
{
	return strncmp(map->name, "[v", 2) == 0;
}

static int prepare_one(const struct map *map, struct err *err)
{
	bool shared = map->rights[3] == 's';

	if (shared && map->rights[1] == 'w')
		return err_set(err, ERR_NOT_IMPLEMENTED, "Memory is shared and writable: %s.",
			       map->name);
	if (shared || is_kernels(map))
		return 0;
	long rc = sys(SYS_madvise, map->begin, map->end - map->begin, MADV_DOFORK);
	/* if it runs, another thread may have unmapped it meanwhile */
	return rc == 0 || rc == -ENOMEM
		   ? 0
		   : err_set(err, ERR_NOT_IMPLEMENTED, "Memory cannot be copied: %s.", map->name);
}

static int prepare_lines(char *text, struct err *err)
{
	struct map map;
	int rc = 0;

	for (char *end; rc == 0 && (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		if (parse(text, &map))
			rc = prepare_one(&map, err);
	}
	return rc;
}

/* The kernel gives whole lines, as many as there is room for. No stdio: it may be frozen. */
int maps_prepare(struct err *err)
{
	static char text[16384];
	long fd = sys(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC), len = 0;
	int rc = 0;

	while (rc == 0 && fd >= 0 && (len = sys(SYS_read, fd, text, sizeof(text) - 1)) > 0) {
		text[len] = '\0';
		rc = prepare_lines(text, err);
	}
	if (fd >= 0)
		sys(SYS_close, fd);
	return fd < 0 || len < 0 ? err_set(err, ERR_NOT_IMPLEMENTED, "There is no /proc/self/maps.")
				 : rc;
}
