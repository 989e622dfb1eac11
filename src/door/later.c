/* SPDX-License-Identifier: Apache-2.0 */
#include "door/later.h"

#include <stdio.h>
#include <stdlib.h>

#define BUCKETS	    1024       /* a power of two */
#define SMALL_BYTES (64 * KIB) /* of an arena, beside what the request needs */

struct later {
	const struct config *config;
	struct list waiting, done;
	struct later_run *buckets[BUCKETS];
	struct later_counters counters;
};

struct later *later_create(const struct config *config)
{
	struct later *later = calloc(1, sizeof(*later));

	if (!later)
		return NULL;
	later->config = config;
	list_init(&later->waiting);
	list_init(&later->done);
	return later;
}

static struct later_run **bucket_of(struct later *later, struct slice name)
{
	return &later->buckets[slice_hash(name) & (BUCKETS - 1)];
}

static void unname(struct later_run *run)
{
	struct later_run **link = bucket_of(run->later, slice_from(run->name));

	while (*link && *link != run)
		link = &(*link)->next;
	if (*link)
		*link = run->next;
}

static void count(struct later_run *run, uint64_t bytes)
{
	struct later *later = run->later;

	later->counters.bytes += bytes - run->bytes;
	run->bytes = bytes;
	later->counters.runs = later->waiting.len + later->done.len;
}

void later_drop(struct later_run *run)
{
	struct later *later = run->later;

	unname(run);
	list_remove(run->arena ? &later->waiting : &later->done, &run->node);
	count(run, 0);
	arena_destroy(run->arena);
	buf_finish(&run->result);
	free(run);
}

static struct later_run *oldest(const struct later *later)
{
	struct list_node *node = list_first(&later->done);

	return node ? list_entry(node, struct later_run, node) : NULL;
}

static void drop_expired(struct later *later, uint64_t now_ns)
{
	uint64_t time_ns = later->config->async_time_ms * NS_PER_MS;

	for (struct later_run *run; (run = oldest(later)) && now_ns - run->done_ns >= time_ns;)
		later_drop(run);
}

/* Room for so much more; false if runs that have not ended leave none. */
static bool make_room(struct later *later, size_t runs, uint64_t bytes)
{
	const struct config *config = later->config;
	bool fits;

	for (;;) {
		fits = later->waiting.len + later->done.len + runs <= config->async_runs_max &&
		       later->counters.bytes + bytes <= config->async_bytes_max;
		if (fits || !later->done.len)
			return fits;
		later_drop(oldest(later));
	}
}

struct later_run *later_begin(struct later *later, const struct key *key, uint64_t bytes,
			      uint64_t now_ns)
{
	bytes += SMALL_BYTES;
	drop_expired(later, now_ns);
	struct later_run *run = make_room(later, 1, bytes) ? calloc(1, sizeof(*run)) : NULL;
	if (!run)
		return NULL;
	run->arena = arena_create(bytes + MIB); /* what decoders ask for; little of it is used */
	if (!run->arena) {
		free(run);
		return NULL;
	}
	run->later = later;
	run->key = key;
	run->created_ms = clock_wall_ms();
	list_push_back(&later->waiting, &run->node);
	count(run, bytes);
	return run;
}

void later_name(struct later_run *run, const char *name)
{
	snprintf(run->name, sizeof(run->name), "%s", name);
	struct later_run **bucket = bucket_of(run->later, slice_from(run->name));
	run->next = *bucket;
	*bucket = run;
}

bool later_end(struct later_run *run, struct buf *result, uint64_t now_ns)
{
	struct later *later = run->later;
	uint64_t bytes = sizeof(*run) + result->len;

	count(run, 0);
	if (!make_room(later, 0, bytes))
		return false;
	list_remove(&later->waiting, &run->node);
	list_push_back(&later->done, &run->node);
	arena_destroy(run->arena);
	run->arena = NULL;
	run->result = *result;
	buf_init(result, 0);
	run->done_ns = now_ns;
	count(run, bytes);
	return true;
}

struct later_run *later_find(struct later *later, const struct key *key, struct slice name,
			     uint64_t now_ns)
{
	drop_expired(later, now_ns);
	for (struct later_run *run = *bucket_of(later, name); run; run = run->next)
		if (run->key == key && slice_equal(name, slice_from(run->name)))
			return run;
	return NULL;
}

const struct later_counters *later_counters(const struct later *later)
{
	return &later->counters;
}
