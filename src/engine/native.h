/* SPDX-License-Identifier: Apache-2.0 */
/* One stage of a job in the native engine: hand it to the spawner, end it, read its result. For engine.c. */
#ifndef SG_ENGINE_NATIVE_H
#define SG_ENGINE_NATIVE_H

#include "engine/engine.h"

/*
 * Writes job->payload for job->stage and, of the first stage, its hashes. 0, -ERR_NO_MEMORY or -ERR_TOO_LARGE.
 */
int native_prepare(struct job *job);
/* Sends SPAWNER_RUN with the prepared payload; pool as in struct msg_run. 0, -ERR_IO, -ERR_NO_MEMORY, -ERR_TOO_LARGE or -ERR_UNAVAILABLE. */
int native_start(struct job *job, struct loop *loop, struct channel *spawner,
                 const struct config *config, uint32_t pool);
/* Asks for the end of the stage, once; RUN_DONE follows. spawner may be NULL. */
void native_kill(struct job *job, struct channel *spawner, enum kill_reason reason);
/* Passes a signal on to the program. spawner may be NULL. */
void native_signal(struct job *job, struct channel *spawner, int signal);
/* Makes the stage's result of job->done. True if another stage (STAGE_RUN) is to follow. */
bool native_finish(struct job *job);

/* A memfd for what the program leaves, of which the job keeps one too. -1: nothing is wanted, or that could not be said. */
int native_collect_for(struct job *job);
/* It has been written, or has not: the job's result has what is in it. */
void native_collected(struct job *job, bool collected);

/* engine.c's: sets on_end and on_limit. */
void native_set_callbacks(struct stage_io *io);

#endif
