/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out steps.def. */
#define _GNU_SOURCE
#include "sandbox/jail.h"

#include <errno.h>
#include <unistd.h>

#include "unpack/take.h"

struct step_row {
	const char *name;
	unsigned wall, phases;
	int (*fn)(struct jail_plan *plan);
};

static const struct step_row step_rows[STEP_COUNT] = {
    [STEP_NONE] = {"none", WALL_NONE, 0, NULL},
#define X(name, wall, phase, fn, why) [STEP_##name] = {#name, WALL_##wall, phase, fn},
#define LATE(name, why)               [STEP_##name] = {#name, WALL_NONE, 0, NULL},
#include "sandbox/steps.def"
};

const char *jail_step_name(unsigned step)
{
	return step_rows[step < STEP_COUNT ? step : STEP_NONE].name;
}

unsigned jail_step_wall(unsigned step)
{
	return step_rows[step < STEP_COUNT ? step : STEP_NONE].wall;
}

static int step_run(struct jail_plan *plan, const struct step_row *row)
{
	if (plan->fail_step && row == &step_rows[plan->fail_step]) {
		errno = EPERM;
		return -1;
	}
	return row->fn(plan);
}

void recipe_run(struct jail_plan *plan, enum jail_phase phase)
{
	plan->phase = phase;
	for (unsigned step = STEP_NONE + 1; step < STEP_COUNT; step++) {
		const struct step_row *row = &step_rows[step];
		if (!(row->phases & phase) ||
		    (row->wall != WALL_NONE && plan_lacks(plan, row->wall)))
			continue;
		if (step_run(plan, row) < 0) {
			take_failed(plan->launch.channel_fd, step, errno);
			_exit(1);
		}
	}
}
