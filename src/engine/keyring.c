/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/key.h"

#include <string.h>

#include "base/err.h"

#define KEYRING_BUCKETS 4096 /* a power of two; the hash is SHA-256, so its first bytes spread evenly */

struct keyring {
	struct key *buckets[KEYRING_BUCKETS];
	uint64_t generation;
	bool loaded;
};

struct keyring *keyring_create(void)
{
	return calloc(1, sizeof(struct keyring));
}

void keyring_destroy(struct keyring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < KEYRING_BUCKETS; i++)
		for (struct key *key = ring->buckets[i], *next; key; key = next) {
			next = key->next_in_bucket;
			free(key);
		}
	free(ring);
}

static struct key **bucket_of(struct keyring *ring, const uint8_t *hash)
{
	return &ring->buckets[(hash[0] | (unsigned)hash[1] << 8) & (KEYRING_BUCKETS - 1)];
}

/* Compares without leaving early, so that timing tells nothing about a stored hash. */
static bool hash_equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < KEY_HASH_BYTES; i++)
		difference |= (uint8_t)(a[i] ^ b[i]);
	return difference == 0;
}

struct key *keyring_find(struct keyring *ring, const uint8_t hash[static KEY_HASH_BYTES])
{
	for (struct key *key = *bucket_of(ring, hash); key; key = key->next_in_bucket)
		if (hash_equal(key->facts.hash, hash))
			return key;
	return NULL;
}

struct key *keyring_find_id(struct keyring *ring, const char *id)
{
	for (size_t i = 0; i < KEYRING_BUCKETS; i++)
		for (struct key *key = ring->buckets[i]; key; key = key->next_in_bucket)
			if (strncmp(key->facts.id, id, KEY_ID_BYTES) == 0)
				return key;
	return NULL;
}

void key_init(struct key *key)
{
	memset(key, 0, sizeof(*key));
	for (unsigned i = 0; i < KEY_LINES; i++)
		list_init(&key->lines[i].waiting);
}

int keyring_put(struct keyring *ring, const struct msg_key *facts)
{
	struct key *key = keyring_find(ring, facts->hash);

	if (!key) {
		key = malloc(sizeof(*key));
		if (!key)
			return -ERR_NO_MEMORY;
		key_init(key);
		struct key **bucket = bucket_of(ring, facts->hash);
		key->next_in_bucket = *bucket;
		*bucket = key;
	}
	key->facts = *facts;
	key->generation = ring->generation;
	return 0;
}

void keyring_begin(struct keyring *ring)
{
	ring->generation++;
}

void keyring_end(struct keyring *ring)
{
	for (size_t i = 0; i < KEYRING_BUCKETS; i++)
		for (struct key *key = ring->buckets[i]; key; key = key->next_in_bucket)
			if (key->generation != ring->generation)
				key->facts.revoked = 1;
	ring->loaded = true;
}

bool keyring_loaded(const struct keyring *ring)
{
	return ring->loaded;
}
