/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compile cache: what a jailed compile of exactly these bytes left, found again by the SHA-256 of its
 * payload (compiler, flags, environment, every file), its image and the API key: what one caller compiles does not
 * make another's answer faster, which would tell. Artefacts are sealed memfds, so neither a
 * run nor a bug of ours can change one; only engine.c puts, right after a successful compile. In memory, least
 * recently used go first, gone with the process.
 */
#ifndef SG_ENGINE_CACHE_H
#define SG_ENGINE_CACHE_H

#include <stdint.h>

#include "engine/job.h"

#define CACHE_KEY_BYTES 32

struct cache;

struct cache_counters {
	uint64_t hits, misses, evicted, entries, bytes;
};

#define CACHE_ENTRIES_MAX 1024 /* each holds a descriptor */

/* bytes_max: artefacts, output and bookkeeping together; 0: nothing is kept. NULL out of memory. */
struct cache *cache_create(uint64_t bytes_max);
void cache_destroy(struct cache *cache);

/* Of a compile stage's payload in an image, for one API key. 0, or -ERR_NO_MEMORY when OpenSSL fails. */
int cache_key(uint8_t ret_key[static CACHE_KEY_BYTES], const uint8_t payload_hash[static 32], uint32_t image,
              const char *key_id);
/*
 * True: *ret_artefact_fd is a descriptor of its own, and *ret_result the compile's result with copies of its
 * output (owned by the caller).
 */
bool cache_get(struct cache *cache, const uint8_t key[static CACHE_KEY_BYTES], int *ret_artefact_fd,
               struct stage_result *ret_result);
/* Keeps a copy of both, if they fit. The artefact must be sealed. */
void cache_put(struct cache *cache, const uint8_t key[static CACHE_KEY_BYTES], int artefact_fd,
               const struct stage_result *result);
const struct cache_counters *cache_counters(const struct cache *cache);

#endif
