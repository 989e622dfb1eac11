/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An execution: a job that was accepted to be run later (door/jobs.h), as its document's head has
 * it and as callers see it. The head is what callers see, as it was when it was written.
 */
#ifndef SG_API_EXECUTION_H
#define SG_API_EXECUTION_H

#include "engine/job.h"
#include "json/json.h"

enum execution_state {
#define X(name, wire) EXECUTION_##name,
#include "api/execution.def"
#undef X
	EXECUTION_STATES
};
extern const char *const execution_states[EXECUTION_STATES];

static inline bool execution_has_ended(enum execution_state state)
{
	return state >= EXECUTION_FINISHED;
}

/* What is known now and the head does not say yet. */
struct execution_now {
	enum execution_state state;
	uint64_t position; /* among those of its key that wait, from 1; 0: does not wait */
	uint64_t started_ms, ended_ms;	 /* wall clock; 0: not yet */
	uint64_t attempts;		 /* how often it was begun */
	const struct job_result *result; /* FINISHED, else NULL */
	const struct err *error;	 /* FAILED, LOST, else NULL */
};

#define EXECUTION_HASH_BYTES 32 /* SHA-256 of its first stage's payload: job.source_hash */

/* The head of one that has just been accepted. */
void execution_write_head(struct buf *out, const char *id, const struct job_spec *spec,
			  const uint8_t hash[static EXECUTION_HASH_BYTES], uint64_t created_ms);
/* The head once more; now NULL: as it was written. */
void execution_put(struct json_writer *w, struct yyjson_val *head, const struct execution_now *now);
void execution_rewrite_head(struct buf *out, struct slice head, const struct execution_now *now);
/*
 * One of them with what its program has said so far (run, or NULL), or with its result and what
 * became of its webhook, which is JSON already (or empty). Empties out if that cannot be written.
 */
void execution_encode(struct buf *out, struct slice head, const struct execution_now *now,
		      const struct stage_result *run, enum output_encoding encoding,
		      struct slice result, struct slice delivery);
/* How often it may be begun again, as its head says. */
uint64_t execution_retry(struct slice head);
bool execution_has_webhook(struct slice head);
/* EXECUTION_STATES: no such name. */
enum execution_state execution_state_of(struct slice name);

#endif
