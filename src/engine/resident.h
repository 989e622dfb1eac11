/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resident interpreter: one run that stays between executes. Its program is text of ours (runtime.session) in the
 * place of the entry file, which takes the code of one execute after the other (resident_frame.h) and keeps what
 * that leaves behind: variables, functions, modules. The run is in a slot like any other, and takes no place of
 * engine.runs_max; each execute is a job of its own that goes through the queue and takes one.
 *
 * Whatever the code does in the interpreter, or to it: times, memory and the end are what the spawner and this
 * file see; wall time and output are counted here; an execute that goes past a limit is interrupted first, and
 * then the run is ended. Between executes all that lives on may use the CPU time of one more, and what it
 * prints is read with the next.
 */
#ifndef SG_ENGINE_RESIDENT_H
#define SG_ENGINE_RESIDENT_H

#include "engine/engine.h"

struct resident;

#define RESIDENT_RESTARTED "the server was started anew"

struct resident_counters {
	uint64_t started, lost, interrupted;
	uint64_t strikes; /* frames that were none of ours */
};

/*
 * What it will be run as: spec's memory must stay until resident_destroy; its only file is the program that keeps the
 * interpreter, its limits are those of the whole, of which wall, CPU time and output are each execute's own. NULL without
 * memory. Nothing is started before the first execute.
 */
struct resident *resident_create(struct engine *engine, struct key *key, const struct job_spec *spec);
/* The next execute's answer says that what was known before is lost, and why (static text). */
void resident_tell_lost(struct resident *resident, const char *why);
/* Ends the interpreter, if there is one. Not while an execute is at it. */
void resident_destroy(struct resident *resident);
/* Why what was known is lost, if nobody was told yet; else NULL. */
const char *resident_untold(const struct resident *resident);
/* Whether there is an interpreter; and an execute at it. */
bool resident_is_there(const struct resident *resident);
bool resident_is_busy(const struct resident *resident);
/*
 * Ends the interpreter, so that the next execute begins with a new one. Not while an execute is at it.
 */
void resident_restart(struct resident *resident);
/* The same at once, also of one that an execute is at, which is then lost; why is static text. */
void resident_end(struct resident *resident, const char *why);
/* As Ctrl-C would: the execute that is at it ends with KeyboardInterrupt and the like. False: there is none. */
bool resident_interrupt(struct resident *resident);

/* --- for engine.c: of a job whose `resident` is set --- */

/* 0, or a negative code: it was not begun. */
int resident_begin(struct job *job);
/* Nobody waits for it any more: it is interrupted. The job stays until its end, as with engine_cancel. */
void resident_cancel(struct job *job);
/* It has failed for another reason, and is going away. */
void resident_forget(struct job *job);
void resident_pause(struct job *job, bool pause);
void resident_metered(struct resident *resident, const struct msg_metered *msg);

const struct resident_counters *resident_counters(void);

#endif
