/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rate limit of a key: a window of one minute that begins with its first request. Exact by count: of any
 * number of requests at once, precisely the limit passes. One process counts, so it is atomic.
 */
#ifndef SG_ENGINE_QUOTA_H
#define SG_ENGINE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/key.h"

#define QUOTA_UNLIMITED UINT64_MAX

struct quota_answer {
	bool allowed;
	uint64_t limit;           /* QUOTA_UNLIMITED: no header to send */
	uint64_t remaining;
	uint64_t reset_s;         /* seconds until the window ends, rounded up, at least 1 */
};

/* Counts one request of the key; default_per_minute is the server's limit, 0 = none. */
struct quota_answer quota_take(struct key *key, uint64_t default_per_minute, uint64_t now_ns);

#endif
