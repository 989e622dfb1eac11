/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of jobs share: jobs.c is who is where, jobs_run.c what is run, and what is kept of
 * it. */
#ifndef SG_DOOR_JOBS_RUN_H
#define SG_DOOR_JOBS_RUN_H

#include "door/jobs.h"

#define JOB_WAITS	      1 /* as a mark; begun for the nth time: n + 1 */
#define JOB_HEAD_BYTES_MAX    (4 * KIB)
#define JOB_BYTES_MAX	      (DOCUMENT_BYTES_MAX + 64 * KIB)
#define JOB_REQUEST_BYTES_MAX (DOCUMENT_BYTES_MAX - JOB_HEAD_BYTES_MAX)

struct door *jobs_door(const struct jobs *jobs);
/* One more was accepted. */
void jobs_count_accepted(struct jobs *jobs);

/* --- jobs.c --- */

/* It has not been claimed: its end goes to the store, its memory with it. */
void accepted_end(struct accepted *accepted, const struct execution_now *end, struct slice result);
/* RUNNING: the engine does not have it any more. It has ended... */
void accepted_ended(struct accepted *accepted, const struct execution_now *end,
		    struct slice result);
/* ...or was stopped by what befell us: waits again if its caller allows that, or ends as LOST... */
void accepted_stopped(struct accepted *accepted, uint64_t started_ms);
/* ...or was never begun: waits again. */
void accepted_return(struct accepted *accepted);

/* --- jobs_run.c --- */

/* Claimed, and RUNNING: hands it to the engine, or says how it has ended. request is gone
 * afterwards. */
void accepted_run(struct accepted *accepted, struct slice request);
/* Its events can be followed from now on. False: out of memory. */
bool accepted_open_events(struct accepted *accepted);
/* It has ended otherwise than by its program: the last event says so. */
void accepted_close_events(struct accepted *accepted);
/* Writes the documents that its end leaves. False: out of memory. */
bool accepted_write_end(struct accepted *accepted, const struct execution_now *now,
			struct slice result);

/* --- jobs_api.c --- */

/* Who has asked for its end, and waits, is told. */
void accepted_answer_cancel(struct accepted *accepted);

#endif
