/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/queue.h"

#include "base/err.h"

void queue_init(struct fair_queue *queue, uint64_t len_max, uint64_t len_max_per_key)
{
	*queue = (struct fair_queue){.len_max = len_max, .len_max_per_key = len_max_per_key};
	list_init(&queue->turns);
}

/* How many more of its jobs could run now. */
static uint64_t places_of(const struct key *key, uint64_t places)
{
	uint64_t most = key->facts.limits.concurrent_runs;

	return most == 0 ? places : MIN_OF(places, most - MIN_OF(key->running, most));
}

int queue_push(struct fair_queue *queue, struct queue_entry *entry, struct key *key, uint64_t places)
{
	if (!entry->admitted && (queue->len >= queue->len_max + places ||
				 key->waiting.len >= queue->len_max_per_key + places_of(key, places)))
		return -ERR_QUEUE_FULL;
	if (key->waiting.len == 0)
		list_push_back(&queue->turns, &key->turn);
	entry->key = key;
	list_push_back(&key->waiting, &entry->node);
	queue->len++;
	return 0;
}

void queue_remove(struct fair_queue *queue, struct queue_entry *entry)
{
	if (!list_holds(&entry->node))
		return;
	list_remove(&entry->key->waiting, &entry->node);
	if (entry->key->waiting.len == 0)
		list_remove(&queue->turns, &entry->key->turn);
	queue->len--;
}

static bool may_run(const struct key *key)
{
	uint64_t most = key->facts.limits.concurrent_runs;

	return most == 0 || key->running < most;
}

struct queue_entry *queue_pop(struct fair_queue *queue)
{
	struct key *key;

	list_foreach(&queue->turns, key, turn) {
		if (!may_run(key))
			continue;
		struct queue_entry *entry =
		    list_entry(list_first(&key->waiting), struct queue_entry, node);
		queue_remove(queue, entry);
		if (key->waiting.len) { /* to the back: the others have their turn first */
			list_remove(&queue->turns, &key->turn);
			list_push_back(&queue->turns, &key->turn);
		}
		return entry;
	}
	return NULL;
}
