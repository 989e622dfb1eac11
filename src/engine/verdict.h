/* SPDX-License-Identifier: Apache-2.0 */
/* From what the spawner saw of a stage to the status that a caller reads. */
#ifndef SG_ENGINE_VERDICT_H
#define SG_ENGINE_VERDICT_H

#include "engine/job.h"

/* Fills everything of *result but the output; truncated flags must be set already. */
void verdict_fill(struct stage_result *result, const struct msg_run_done *done);

#endif
