/* SPDX-License-Identifier: Apache-2.0 */
/* What a job does, written to a log of events as it happens. */
#ifndef SG_DOOR_RUN_EVENTS_H
#define SG_DOOR_RUN_EVENTS_H

#include "api/api.h"
#include "door/events.h"
#include "door/text.h"
#include "engine/engine.h"

struct run_events {
	struct event_log *log;
	const struct dialect *dialect;
	struct text_tail tails[2];
};

/* Before it is submitted: from now on its stages and its output are events. events must stay as
 * long as the job. */
void run_events_attach(struct run_events *events, struct job *job);
/*
 * It has finished: files, the answer or the error, and the end of the log. answer: what the dialect
 * made of it, with its status; empty: it could not be written.
 */
void run_events_finish(struct run_events *events, const struct job *job, int status,
		       struct slice answer);

/* An event that is a whole answer: RESULT or ERROR. */
void run_events_add_answer(struct event_log *log, enum event_kind kind, int status,
			   struct slice body);

#endif
