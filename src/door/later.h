/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs that nobody waits for, and their results until somebody asks: in the memory of this process,
 * for a while, so many and so many bytes of them.
 */
#ifndef SG_DOOR_LATER_H
#define SG_DOOR_LATER_H

#include "base/arena.h"
#include "base/list.h"
#include "config/config.h"
#include "engine/engine.h"

#define LATER_NAME_BYTES 40

struct later;

struct later_run {
	struct list_node
	    node; /* on later.waiting or, with a result, on later.done: the oldest first */
	struct later_run *next; /* in its bucket */
	struct later *later;
	char name[LATER_NAME_BYTES];		       /* what it is asked for by */
	const struct key *key;			       /* whose it is */
	struct job *job;			       /* NULL: it has ended */
	struct arena *arena;			       /* what the job needs; NULL: it has ended */
	uint64_t bytes;				       /* it is counted with */
	uint64_t created_ms, started_ms, completed_ms; /* wall clock; 0: not yet */
	uint64_t done_ns;
	bool failed;
	struct buf result;
	void *owner; /* who began it */
};

struct later_counters {
	uint64_t runs, bytes;
};

/* NULL out of memory. config must stay. */
struct later *later_create(const struct config *config);
/* Room for a run whose request needs so much; NULL: all is taken by runs that have not ended. */
struct later_run *later_begin(struct later *later, const struct key *key, uint64_t bytes,
			      uint64_t now_ns);
/* From now on it can be found. */
void later_name(struct later_run *run, const char *name);
/* It has ended: the result's memory is taken over, the job's is freed. False: too large to be kept.
 */
bool later_end(struct later_run *run, struct buf *result, uint64_t now_ns);
void later_drop(struct later_run *run);
/* NULL: this key has none of that name. */
struct later_run *later_find(struct later *later, const struct key *key, struct slice name,
			     uint64_t now_ns);
const struct later_counters *later_counters(const struct later *later);

#endif
