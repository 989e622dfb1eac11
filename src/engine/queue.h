/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who goes next: keys with waiting jobs take turns, each key's own jobs go in their order. However
 * many jobs one key has waiting, another key's first job is started after at most one job of each
 * key before it.
 */
#ifndef SG_ENGINE_QUEUE_H
#define SG_ENGINE_QUEUE_H

#include <stdint.h>

#include "engine/key.h"

struct fair_queue {
	enum key_line_id line; /* of each key: this queue's */
	struct list turns;     /* of key_line.turn: keys with waiting jobs, next first */
	uint64_t len, len_max, len_max_per_key;
};

/* Part of a job; owned by it. */
struct queue_entry {
	struct list_node node; /* on its line while queued */
	bool pair;             /* needs two places at once */
	bool admitted;         /* part of something that was taken on: a full queue has room for it */
	struct key *key;
};

void queue_init(struct fair_queue *queue, enum key_line_id line, uint64_t len_max,
		uint64_t len_max_per_key);
/*
 * places: run places that are free. So many jobs are only passing through, and do not count as
 * waiting: a queue of length 0 refuses what cannot run at once, and nothing else. 0, or
 * -ERR_QUEUE_FULL.
 */
int queue_push(struct fair_queue *queue, struct queue_entry *entry, struct key *key,
	       uint64_t places);
/*
 * Takes the next entry whose key may run one more (limit 0: any number); NULL if there is none, or if its turn needs more
 * than so many places.
 */
struct queue_entry *queue_pop(struct fair_queue *queue, uint64_t places);
/* Takes an entry out of the middle; harmless if it is not queued. */
void queue_remove(struct fair_queue *queue, struct queue_entry *entry);

#endif
