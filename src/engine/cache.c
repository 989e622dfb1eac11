/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/cache.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/fd.h"
#include "base/list.h"

#define CACHE_BUCKETS 1024 /* a power of two; keys are SHA-256, so any of their bytes spread evenly */

struct cache_entry {
	struct list_node age;     /* on cache.by_age, the least recently used first */
	struct cache_entry *next_in_bucket;
	uint8_t key[CACHE_KEY_BYTES];
	int artefact_fd;
	struct stage_result result;
	uint64_t bytes;
};

struct cache {
	struct cache_entry *buckets[CACHE_BUCKETS];
	struct list by_age;
	uint64_t bytes_max;
	struct cache_counters counters;
};

struct cache *cache_create(uint64_t bytes_max)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->bytes_max = bytes_max;
	list_init(&cache->by_age);
	return cache;
}

static struct cache_entry **link_of(struct cache *cache, const uint8_t *key)
{
	struct cache_entry **link = &cache->buckets[(key[0] | (unsigned)key[1] << 8) & (CACHE_BUCKETS - 1)];

	while (*link && memcmp((*link)->key, key, CACHE_KEY_BYTES) != 0)
		link = &(*link)->next_in_bucket;
	return link;
}

static void entry_free(struct cache_entry *entry)
{
	fd_close(entry->artefact_fd);
	buf_finish(&entry->result.out);
	buf_finish(&entry->result.err);
	free(entry);
}

static void drop(struct cache *cache, struct cache_entry *entry)
{
	*link_of(cache, entry->key) = entry->next_in_bucket;
	list_remove(&cache->by_age, &entry->age);
	cache->counters.bytes -= entry->bytes;
	cache->counters.entries--;
	entry_free(entry);
}

void cache_destroy(struct cache *cache)
{
	struct cache_entry *entry;

	if (!cache)
		return;
	list_foreach(&cache->by_age, entry, age)
		drop(cache, entry);
	free(cache);
}

/* The image's number is fixed while the process lives, as the cache is. */
int cache_key(uint8_t ret_key[static CACHE_KEY_BYTES], const uint8_t payload_hash[static 32], uint32_t image,
              const char *key_id)
{
	struct {
		uint8_t payload[32];
		uint32_t image;
		char key_id[KEY_ID_BYTES];
	} all;

	memset(&all, 0, sizeof(all));
	memcpy(all.payload, payload_hash, sizeof(all.payload));
	all.image = image;
	memcpy(all.key_id, key_id, strnlen(key_id, sizeof(all.key_id)));
	return EVP_Digest(&all, sizeof(all), ret_key, NULL, EVP_sha256(), NULL) == 1 ? 0 : -ERR_NO_MEMORY;
}

static int copy_output(struct buf *to, const struct buf *from)
{
	buf_init(to, from->ceiling);
	return buf_append(to, from->data, from->len);
}

/* 0, or a negative code with nothing left behind. */
static int copy_result(struct stage_result *to, const struct stage_result *from)
{
	*to = *from;
	to->out = to->err = (struct buf){0};
	int rc = copy_output(&to->out, &from->out);
	if (rc == 0)
		rc = copy_output(&to->err, &from->err);
	if (rc < 0) {
		buf_finish(&to->out);
		buf_finish(&to->err);
	}
	return rc;
}

static int duplicate(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

bool cache_get(struct cache *cache, const uint8_t key[static CACHE_KEY_BYTES], int *ret_artefact_fd,
               struct stage_result *ret_result)
{
	struct cache_entry *entry = *link_of(cache, key);
	struct stage_result result;

	cache->counters.misses += entry == NULL;
	if (!entry)
		return false;
	_close_ int fd = duplicate(entry->artefact_fd);
	if (fd < 0 || copy_result(&result, &entry->result) < 0)
		return false;
	list_remove(&cache->by_age, &entry->age);
	list_push_back(&cache->by_age, &entry->age);
	cache->counters.hits++;
	*ret_artefact_fd = fd_steal(&fd);
	*ret_result = result;
	return true;
}

static struct cache_entry *entry_create(const uint8_t *key, int artefact_fd, const struct stage_result *result)
{
	struct cache_entry *entry = calloc(1, sizeof(*entry));
	struct stat st;

	if (!entry)
		return NULL;
	memcpy(entry->key, key, CACHE_KEY_BYTES);
	entry->artefact_fd = duplicate(artefact_fd);
	if (entry->artefact_fd < 0 || fstat(entry->artefact_fd, &st) < 0 || copy_result(&entry->result, result) < 0) {
		entry_free(entry);
		return NULL;
	}
	entry->bytes = sizeof(*entry) + (uint64_t)st.st_size + entry->result.out.len + entry->result.err.len;
	return entry;
}

void cache_put(struct cache *cache, const uint8_t key[static CACHE_KEY_BYTES], int artefact_fd,
               const struct stage_result *result)
{
	struct cache_entry **link = link_of(cache, key), *entry;

	if (*link || !(entry = entry_create(key, artefact_fd, result)))
		return;
	if (entry->bytes > cache->bytes_max) {
		entry_free(entry);
		return;
	}
	while (cache->counters.bytes + entry->bytes > cache->bytes_max ||
	       cache->counters.entries >= CACHE_ENTRIES_MAX) {
		drop(cache, list_entry(list_first(&cache->by_age), struct cache_entry, age));
		cache->counters.evicted++;
	}
	link = link_of(cache, key); /* what it was part of may have gone */
	*link = entry;
	list_push_back(&cache->by_age, &entry->age);
	cache->counters.bytes += entry->bytes;
	cache->counters.entries++;
}

const struct cache_counters *cache_counters(const struct cache *cache)
{
	return &cache->counters;
}
