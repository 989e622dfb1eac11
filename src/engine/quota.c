/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/quota.h"

#define QUOTA_WINDOW_NS (60 * NS_PER_SEC)

static uint64_t limit_of(const struct key *key, uint64_t default_per_minute)
{
	uint64_t own = key->facts.limits.rate_per_minute;

	if (own)
		return own;
	return default_per_minute ? default_per_minute : QUOTA_UNLIMITED;
}

struct quota_answer quota_take(struct key *key, uint64_t default_per_minute, uint64_t now_ns)
{
	struct quota_answer answer = {.allowed = true, .limit = limit_of(key, default_per_minute)};

	if (answer.limit == QUOTA_UNLIMITED)
		return answer;
	if (key->window_used == 0 || now_ns - key->window_began_ns >= QUOTA_WINDOW_NS) {
		key->window_began_ns = now_ns;
		key->window_used = 0;
	}
	answer.allowed = key->window_used < answer.limit;
	if (answer.allowed)
		key->window_used++;
	answer.remaining = answer.limit - MIN_OF(key->window_used, answer.limit);
	uint64_t left_ns = key->window_began_ns + QUOTA_WINDOW_NS - now_ns;
	answer.reset_s = MAX_OF((left_ns + NS_PER_SEC - 1) / NS_PER_SEC, 1u);
	return answer;
}
