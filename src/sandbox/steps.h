/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the steps in steps.def. */
#ifndef SG_SANDBOX_STEPS_H
#define SG_SANDBOX_STEPS_H

enum jail_step {
	STEP_NONE,
#define X(name, wall, phase, fn, why) STEP_##name,
#define LATE(name, why)               STEP_##name,
#include "sandbox/steps.def"
	STEP_COUNT
};

#endif
