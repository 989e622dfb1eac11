/* SPDX-License-Identifier: Apache-2.0 */
#include "door/once.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/list.h"

#define BUCKETS	   4096 /* a power of two; names are SHA-256, so any of their bytes spread evenly */
#define LARGEST_OF 16	/* of all bytes together, one answer may have this part */

/* Whose answers are kept: so that one API key's do not push out another's. */
struct once_owner {
	struct list_node node; /* on once.owners */
	const void *owner;
	struct list kept; /* of once_entry.owner_node, the oldest first */
	uint64_t bytes;
};

struct once_entry {
	struct list_node owner_node; /* answered: on owner->kept */
	struct once_owner *owner;
	struct list_node node;	 /* on once.running or, answered, on once.kept: the oldest first */
	struct once_entry *next; /* in its bucket */
	struct once_question question;
	struct once_answer answer;
	uint64_t kept_ns; /* 0: not answered yet */
};

struct once {
	const struct config *config;
	struct once_entry *buckets[BUCKETS];
	struct list running, kept, owners;
	struct once_counters counters;
};

struct once *once_create(const struct config *config)
{
	struct once *once = calloc(1, sizeof(*once));

	if (!once)
		return NULL;
	once->config = config;
	list_init(&once->running);
	list_init(&once->kept);
	list_init(&once->owners);
	return once;
}

static struct once_entry **link_of(struct once *once, const uint8_t *name)
{
	struct once_entry **link =
	    &once->buckets[(name[0] | (unsigned)name[1] << 8) & (BUCKETS - 1)];

	while (*link && memcmp((*link)->question.name, name, ONCE_HASH_BYTES) != 0)
		link = &(*link)->next;
	return link;
}

static uint64_t bytes_of(const struct once_entry *entry)
{
	return sizeof(*entry) + entry->answer.body.len;
}

/* --- who has how much --- */

/* The API keys that have answers here are few beside the answers. NULL out of memory. */
static struct once_owner *owner_of(struct once *once, const void *who)
{
	struct once_owner *owner;

	list_foreach(&once->owners, owner, node) if (owner->owner == who) return owner;
	owner = calloc(1, sizeof(*owner));
	if (!owner)
		return NULL;
	owner->owner = who;
	list_init(&owner->kept);
	list_push_back(&once->owners, &owner->node);
	return owner;
}

static void add_to_owner(struct once_owner *owner, struct once_entry *entry)
{
	entry->owner = owner;
	owner->bytes += bytes_of(entry);
	list_push_back(&owner->kept, &entry->owner_node);
}

static void remove_from_owner(struct once *once, struct once_entry *entry)
{
	struct once_owner *owner = entry->owner;

	owner->bytes -= bytes_of(entry);
	list_remove(&owner->kept, &entry->owner_node);
	if (owner->kept.len)
		return;
	list_remove(&once->owners, &owner->node);
	free(owner);
}

/* Of both bounds together: an entry weighs as much as its part of all bytes. */
static uint64_t weight_of(const struct once *once, const struct once_owner *owner)
{
	const struct config *config = once->config;

	return owner->bytes +
	       owner->kept.len * (config->idempotency_bytes_max / config->idempotency_entries_max);
}

/* The oldest of who has most; something is kept. */
static struct once_entry *least_wanted(const struct once *once)
{
	struct once_owner *owner, *most = NULL;

	list_foreach(&once->owners, owner,
		     node) if (!most || weight_of(once, owner) > weight_of(once, most)) most =
	    owner;
	return list_entry(list_first(&most->kept), struct once_entry, owner_node);
}

/* --- entries --- */

void once_drop(struct once *once, struct once_entry *entry)
{
	struct once_entry **link = link_of(once, entry->question.name);

	*link = entry->next;
	if (entry->kept_ns) {
		once->counters.bytes -= bytes_of(entry);
		remove_from_owner(once, entry);
	}
	list_remove(entry->kept_ns ? &once->kept : &once->running, &entry->node);
	once->counters.kept = once->kept.len;
	buf_finish(&entry->answer.body);
	free(entry);
}

static struct once_entry *oldest(const struct once *once)
{
	struct list_node *node = list_first(&once->kept);

	return node ? list_entry(node, struct once_entry, node) : NULL;
}

void once_destroy(struct once *once)
{
	struct once_entry *entry;

	if (!once)
		return;
	list_foreach(&once->running, entry, node) once_drop(once, entry);
	list_foreach(&once->kept, entry, node) once_drop(once, entry);
	free(once);
}

static void drop_expired(struct once *once, uint64_t now_ns)
{
	uint64_t time_ns = once->config->idempotency_time_ms * NS_PER_MS;

	for (struct once_entry *entry;
	     (entry = oldest(once)) && now_ns - entry->kept_ns >= time_ns;)
		once_drop(once, entry);
}

/* Room for so much more; false if what is under way leaves none. */
static bool make_room(struct once *once, size_t entries, uint64_t bytes)
{
	const struct config *config = once->config;
	bool fits;

	for (;;) {
		fits = once->running.len + once->kept.len + entries <=
			   config->idempotency_entries_max &&
		       once->counters.bytes + bytes <= config->idempotency_bytes_max;
		if (fits || !once->kept.len)
			return fits;
		once_drop(once, least_wanted(once));
	}
}

static enum once_found found(struct once *once, const struct once_entry *entry,
			     const struct once_question *question)
{
	if (memcmp(entry->question.request, question->request, ONCE_HASH_BYTES) != 0)
		return ONCE_OTHER;
	if (!entry->kept_ns)
		return ONCE_RUNNING;
	once->counters.replayed++;
	return ONCE_KEPT;
}

enum once_found once_begin(struct once *once, const struct once_question *question, uint64_t now_ns,
			   struct once_entry **ret_entry)
{
	drop_expired(once, now_ns);
	struct once_entry *entry = *link_of(once, question->name);
	if (entry) {
		*ret_entry = entry;
		return found(once, entry, question);
	}
	entry = make_room(once, 1, 0) ? calloc(1, sizeof(*entry)) : NULL;
	if (!entry)
		return ONCE_FULL;
	entry->question = *question;
	*link_of(once, question->name) = entry;
	list_push_back(&once->running, &entry->node);
	*ret_entry = entry;
	return ONCE_NEW;
}

const struct once_answer *once_answer(const struct once_entry *entry)
{
	return &entry->answer;
}

/* Ours to get wrong, or a matter of the moment: sent again it may go well. */
static bool is_final(int status)
{
	return status < 500 && status != 408 && status != 409 && status != 429;
}

void once_keep(struct once *once, struct once_entry *entry, int status, const char *content_type,
	       struct slice body, uint64_t now_ns)
{
	uint64_t bytes = sizeof(*entry) + body.len;
	struct buf *copy = &entry->answer.body;

	buf_init(copy, body.len);
	struct once_owner *owner = NULL;
	bool keep = is_final(status) && bytes <= once->config->idempotency_bytes_max / LARGEST_OF &&
		    make_room(once, 0, bytes) && buf_append(copy, body.data, body.len) == 0 &&
		    (owner = owner_of(once, entry->question.owner));
	if (!keep) {
		once_drop(once, entry);
		return;
	}
	list_remove(&once->running, &entry->node);
	entry->answer.status = status;
	entry->answer.content_type = content_type;
	entry->kept_ns = now_ns;
	list_push_back(&once->kept, &entry->node);
	once->counters.kept = once->kept.len;
	once->counters.bytes += bytes;
	add_to_owner(owner, entry);
}

const struct once_counters *once_counters(const struct once *once)
{
	return &once->counters;
}
