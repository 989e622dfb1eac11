/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API keys as the front knows them: in memory, by the SHA-256 of their text, fed by the store. Each key
 * carries its own rate window, its waiting jobs and its count of running ones.
 */
#ifndef SG_ENGINE_KEY_H
#define SG_ENGINE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "ipc/messages.h"

/*
 * Where jobs of a key wait: runs for a place of the engine's, accepted jobs (door/jobs.h) for being
 * handed to it, webhooks (door/webhooks.h) for being sent. Of each there is one queue.
 */
enum key_line_id { KEY_LINE_RUNS, KEY_LINE_JOBS, KEY_LINE_WEBHOOKS, KEY_LINES };

struct key_line {
	struct list waiting;      /* of queue_entry.node */
	struct list_node turn;    /* on fair_queue.turns while waiting is not empty */
	uint64_t running;         /* taken out and not ended */
};

struct key {
	struct msg_key facts;
	/* rate: requests since the window began (quota.c) */
	uint64_t window_began_ns;
	uint64_t window_used;
	uint64_t upload_bytes;    /* of files on their way into sessions (door/session_upload.c) */
	uint64_t residents;       /* interpreters that stay between executes (resident.c) */
	struct key_line lines[KEY_LINES]; /* queue.c */
	/* keyring.c */
	uint64_t generation;
	struct key *next_in_bucket;
};

struct keyring;

struct keyring *keyring_create(void);
void keyring_destroy(struct keyring *ring);

/* The key of this hash, revoked or not; NULL if unknown. */
struct key *keyring_find(struct keyring *ring, const uint8_t hash[static KEY_HASH_BYTES]);
/* By its id, for what outlived the process; slower. NULL if unknown. */
struct key *keyring_find_id(struct keyring *ring, const char *id);
/* Adds or changes one; 0 or -ERR_NO_MEMORY. */
int keyring_put(struct keyring *ring, const struct msg_key *facts);
/*
 * The store begins to send (after each of its starts), and has sent, all keys: those not sent in between
 * are treated as revoked. Keys are never freed while the process lives, so jobs may keep pointers.
 */
void keyring_begin(struct keyring *ring);
void keyring_end(struct keyring *ring);
/* True once keyring_end has been called. */
bool keyring_loaded(const struct keyring *ring);

/* A key of nobody, without limits of its own: the embedded server's. */
void key_init(struct key *key);

#endif
