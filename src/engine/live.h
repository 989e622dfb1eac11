/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live interpreter: one run that stays between executes. Its program is text of ours (runtime.session) in the
 * place of the entry file, which takes the code of one execute after the other (live_frame.h) and keeps what
 * that leaves behind: variables, functions, modules. The run is in a slot like any other, and takes no place of
 * engine.runs_max; each execute is a job of its own that goes through the queue and takes one.
 *
 * Whatever the code does in the interpreter, or to it: times, memory and the end are what the spawner and this
 * file see; wall time and output are counted here; an execute that goes past a limit is interrupted first, and
 * then the run is ended. Between executes all that lives on may use the CPU time of one more, and what it
 * prints is read with the next.
 */
#ifndef SG_ENGINE_LIVE_H
#define SG_ENGINE_LIVE_H

#include "engine/engine.h"

struct live;

struct live_counters {
	uint64_t started, lost, interrupted;
	uint64_t strikes; /* frames that were none of ours */
};

/*
 * What it will be run as: spec's memory must stay until live_destroy; its files are there at the start, its
 * limits are those of the whole, of which wall, CPU time and output go for each execute anew. NULL without
 * memory. Nothing is started before the first execute.
 */
struct live *live_create(struct engine *engine, struct key *key, const struct job_spec *spec);
/* The next execute's answer says that what was known before is lost, and why (static text). */
void live_tell_lost(struct live *live, const char *why);
/* Ends the interpreter, if there is one. Not while an execute is at it. */
void live_destroy(struct live *live);
/* Whether there is an interpreter; and an execute at it. */
bool live_is_there(const struct live *live);
bool live_is_busy(const struct live *live);
/*
 * Ends the interpreter, so that the next execute begins with a new one. Not while an execute is at it.
 */
void live_restart(struct live *live);
/* As Ctrl-C would: the execute that is at it ends with KeyboardInterrupt and the like. False: there is none. */
bool live_interrupt(struct live *live);

/* --- for engine.c: of a job whose `live` is set --- */

/* 0, or a negative code: it was not begun. */
int live_begin(struct job *job);
/* Nobody waits for it any more: it is interrupted. The job stays until its end, as with engine_cancel. */
void live_cancel(struct job *job);
/* It has failed for another reason, and is going away. */
void live_forget(struct job *job);
void live_pause(struct job *job, bool pause);
void live_metered(struct live *live, const struct msg_metered *msg);

const struct live_counters *live_counters(void);

#endif
