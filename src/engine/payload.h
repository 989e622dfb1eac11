/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a job's stage as the sealed memfd of ipc/payload.h. */
#ifndef SG_ENGINE_PAYLOAD_H
#define SG_ENGINE_PAYLOAD_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/job.h"

/*
 * Serialises argv (the runtime's command with its placeholders filled), environment and files.
 * A compiled language's STAGE_RUN names the artefact that comes by its own descriptor. 0, -ERR_TOO_LARGE or
 * -ERR_NO_MEMORY.
 */
int payload_write(struct buf *out, const struct job_spec *spec, enum stage stage);

#endif
