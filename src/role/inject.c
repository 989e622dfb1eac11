/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault-injection build of the spawner, for tests: leaves out walls and lets a step fail, as
 * the environment says. Not part of any other build, and never installed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/log.h"
#include "ipc/walls.h"
#include "role/inject.h"
#include "role/spawner.h"

/* A wall cannot stand without the one beside it. */
static const unsigned built_on[][2] = {{WALL_NNP, WALL_LANDLOCK}, {WALL_NNP, WALL_SECCOMP},
                                       {WALL_MOUNTNS, WALL_NOSYMFOLLOW}, {WALL_COLLECT, WALL_NOSYMFOLLOW}};

void inject_faults(void)
{
	bool from_environment = strcmp(SANDGLASS_WALLS_OFF, "env") == 0;
	const char *names = from_environment ? getenv("SANDGLASS_WALLS_OFF") : SANDGLASS_WALLS_OFF;
	const char *step = getenv("SANDGLASS_STEP_FAIL");
	struct err err;

	if (names && walls_parse(names, &spawner.walls_off, &err) < 0)
		fatal("walls_off", "text=\"%s\"", err.text);
	for (size_t i = 0; i < ARRAY_LEN(built_on); i++)
		if (spawner.walls_off & 1ull << built_on[i][0])
			spawner.walls_off |= 1ull << built_on[i][1];
	for (unsigned i = 0; i < WALL_COUNT; i++) {
		if (!(spawner.walls_off & 1ull << i))
			continue;
		spawner.walls.state[i] = WALL_PARTIAL;
		snprintf(spawner.walls.why[i], MSG_TEXT_BYTES, "left out by this test build");
	}
	for (unsigned i = STEP_NONE + 1; step && i < STEP_COUNT; i++)
		if (strcmp(jail_step_name(i), step) == 0)
			spawner.fail_step = i;
	if (step && !spawner.fail_step)
		fatal("step_fail", "step=%s", step);
}

/*
 * Without the mount wall all jails write to one file system: step_tmpfs is left out, this is there.
 */
void inject_world(void)
{
	static const char *const dirs[] = {WORLD_SCRATCH "/work", WORLD_SCRATCH "/home",
	                                   WORLD_SCRATCH "/tmp", WORLD_SCRATCH "/shm"};

	if (!(spawner.walls_off & 1ull << WALL_MOUNTNS))
		return;
	if (mount("none", WORLD_SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		fatal("scratch", "errno=%d", errno);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (mkdir(dirs[i], 01777) < 0 || chmod(dirs[i], 01777) < 0)
			fatal("scratch", "errno=%d", errno);
}
