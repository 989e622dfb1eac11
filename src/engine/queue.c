/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/queue.h"

#include "base/err.h"

void queue_init(struct fair_queue *queue, enum key_line_id line, uint64_t len_max,
		uint64_t len_max_per_key)
{
	*queue = (struct fair_queue){
	    .line = line, .len_max = len_max, .len_max_per_key = len_max_per_key};
	list_init(&queue->turns);
}

static struct key_line *line_of(const struct fair_queue *queue, struct key *key)
{
	return &key->lines[queue->line];
}

static struct key *key_of(const struct fair_queue *queue, struct key_line *line)
{
	return container_of(line - queue->line, struct key, lines);
}

/* How many more of its jobs could run now. */
static uint64_t places_of(const struct key *key, const struct key_line *line, uint64_t places)
{
	uint64_t most = key->facts.limits.concurrent_runs;

	return most == 0 ? places : MIN_OF(places, most - MIN_OF(line->running, most));
}

int queue_push(struct fair_queue *queue, struct queue_entry *entry, struct key *key, uint64_t places)
{
	struct key_line *line = line_of(queue, key);

	if (!entry->admitted &&
	    (queue->len >= queue->len_max + places ||
	     line->waiting.len >= queue->len_max_per_key + places_of(key, line, places)))
		return -ERR_QUEUE_FULL;
	if (line->waiting.len == 0)
		list_push_back(&queue->turns, &line->turn);
	entry->key = key;
	list_push_back(&line->waiting, &entry->node);
	queue->len++;
	return 0;
}

void queue_remove(struct fair_queue *queue, struct queue_entry *entry)
{
	struct key_line *line;

	if (!list_holds(&entry->node))
		return;
	line = line_of(queue, entry->key);
	list_remove(&line->waiting, &entry->node);
	if (line->waiting.len == 0)
		list_remove(&queue->turns, &line->turn);
	queue->len--;
}

/* Where nothing of a key runs a pair may, though the key has but one place. */
static bool may_run(const struct key *key, const struct key_line *line, const struct queue_entry *entry)
{
	uint64_t most = key->facts.limits.concurrent_runs;

	return most == 0 || line->running == 0 || line->running + entry->pair < most;
}

struct queue_entry *queue_pop(struct fair_queue *queue, uint64_t places)
{
	struct key_line *line;

	list_foreach(&queue->turns, line, turn) {
		struct queue_entry *entry =
		    list_entry(list_first(&line->waiting), struct queue_entry, node);
		if (!may_run(key_of(queue, line), line, entry))
			continue;
		if (places <= entry->pair) /* its turn: nobody else takes the place that it waits for */
			return NULL;
		queue_remove(queue, entry);
		if (line->waiting.len) { /* to the back: the others have their turn first */
			list_remove(&queue->turns, &line->turn);
			list_push_back(&queue->turns, &line->turn);
		}
		return entry;
	}
	return NULL;
}
