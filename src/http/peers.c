/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peers.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/util.h"

struct key {
	uint64_t network;
	sa_family_t family;
};

struct peer {
	struct peer *next; /* in its bucket */
	struct key key;
	uint64_t connections;
};

struct peers {
	uint64_t connections_max;
	uint64_t seed; /* so that nobody can choose addresses that share a bucket */
	size_t mask;
	struct peer *buckets[];
};

struct peers *peers_create(uint64_t peers_max, uint64_t connections_max)
{
	size_t count = 64;

	while (count < peers_max && count < 65536)
		count *= 2;
	struct peers *peers = calloc(1, sizeof(*peers) + count * sizeof(struct peer *));
	if (!peers)
		return NULL;
	peers->connections_max = connections_max;
	peers->mask = count - 1;
	if (getrandom(&peers->seed, sizeof(peers->seed), 0) < 0)
		peers->seed = clock_now_ns();
	return peers;
}

void peers_destroy(struct peers *peers)
{
	if (!peers)
		return;
	for (size_t i = 0; i <= peers->mask; i++)
		for (struct peer *peer = peers->buckets[i], *next; peer; peer = next) {
			next = peer->next;
			free(peer);
		}
	free(peers);
}

static struct key key_of(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	struct key key = {.family = address->ss_family};

	if (address->ss_family == AF_INET) {
		key.network = four->sin_addr.s_addr;
	} else if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		key.family = AF_INET;
		memcpy(&key.network, six->sin6_addr.s6_addr + 12, 4);
	} else if (address->ss_family == AF_INET6) {
		memcpy(&key.network, six->sin6_addr.s6_addr, 8);
	}
	return key;
}

/* The finishing step of MurmurHash3: every bit of the key reaches every bit of the place. */
static struct peer **bucket_of(struct peers *peers, struct key key)
{
	uint64_t hash = key.network ^ peers->seed;

	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdull;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ull;
	return &peers->buckets[(hash ^ hash >> 33) & peers->mask];
}

static struct peer *find(struct peer **bucket, struct key key)
{
	struct peer *peer = *bucket;

	while (peer && (peer->key.network != key.network || peer->key.family != key.family))
		peer = peer->next;
	return peer;
}

int peers_enter(struct peers *peers, const struct sockaddr_storage *address, struct peer **ret_peer)
{
	struct key key = key_of(address);
	struct peer **bucket = bucket_of(peers, key);
	struct peer *peer = find(bucket, key);

	if (peer && peer->connections >= peers->connections_max)
		return -ERR_RATE_LIMITED;
	if (!peer) {
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			return -ERR_NO_MEMORY;
		peer->key = key;
		peer->next = *bucket;
		*bucket = peer;
	}
	peer->connections++;
	*ret_peer = peer;
	return 0;
}

void peers_leave(struct peers *peers, struct peer *peer)
{
	if (--peer->connections)
		return;
	struct peer **at = bucket_of(peers, peer->key);
	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	free(peer);
}
