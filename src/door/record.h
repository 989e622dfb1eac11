/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a run that has finished. */
#ifndef SG_DOOR_RECORD_H
#define SG_DOOR_RECORD_H

#include "api/api.h"
#include "door/door.h"

/*
 * The most that an answer may take while it is made: text output can grow to six times its bytes when every one
 * needs an escape; both streams of both stages.
 */
#define RESULT_BYTES_MAX (4 * 6 * GIB)

/* For the log of finished runs, after the reply: nobody waits for it. One without a result has FAILED, if it had begun. */
void record_job(struct door *door, const struct job *job);
/* Nobody waits for it any more: ends it, and says so. */
void record_cancel(struct door *door, struct job *job);
/* Of one that had begun and has no result; of one that had not, nothing. */
void record_unfinished(struct door *door, const struct job *job, enum record_end end);
/* Of an accepted job that is LOST, by its head (api/execution.h). The store takes one of each id. */
void record_lost(struct door *door, const struct key *key, struct slice head);
/* What the dialect keeps of it, if it keeps anything. request: as in encode_record; answer: what was made of it. */
void record_document(struct door *door, const struct dialect *dialect,
		     const struct api_request *request, const struct job *job, struct slice answer);

#endif
