/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/hierarchy.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>

bool hierarchy_mount(const char *controller, char out[static HIERARCHY_PATH_BYTES])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts))) {
		found = strcmp(entry->mnt_type, controller ? "cgroup" : "cgroup2") == 0 &&
		        (!controller || hasmntopt(entry, controller));
		if (found)
			snprintf(out, HIERARCHY_PATH_BYTES, "%s", entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* The path in a line of /proc/self/cgroup, "4:memory,x:/path", or of v2 (NULL), "0::/path". */
static bool is_about(const char *line, const char *controller, char ret_path[static HIERARCHY_PATH_BYTES])
{
	char names[HIERARCHY_PATH_BYTES / 2], list[HIERARCHY_PATH_BYTES], wanted[32];

	if (!controller)
		return sscanf(line, "0::%511[^\n]", ret_path) == 1;
	if (sscanf(line, "%*d:%255[^:]:%511[^\n]", names, ret_path) != 2)
		return false;
	snprintf(list, sizeof(list), ",%s,", names);
	snprintf(wanted, sizeof(wanted), ",%s,", controller);
	return strstr(list, wanted);
}

void hierarchy_own_path(const char *controller, char out[static HIERARCHY_PATH_BYTES])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[HIERARCHY_PATH_BYTES];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = is_about(line, controller, out);
	if (file)
		fclose(file);
	if (!found)
		out[0] = '\0';
}
