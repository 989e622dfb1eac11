/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warm starts: which runtimes have interpreters parked ahead in the spawner (ipc/park.h), and which runs
 * may take one. A run may if it would be exec'd with the very argv and environment that the parked
 * interpreter has; then nothing tells the two ways apart but time. What interpreters do while they are
 * parked, mostly importing, is up to the profiles of the manifest: of those that fit what the entry file
 * imports the last is taken, and a wrong guess costs only time.
 */
#ifndef SG_ENGINE_WARM_H
#define SG_ENGINE_WARM_H

#include "config/config.h"
#include "engine/job.h"
#include "ipc/channel.h"

#define WARM_POOLS_MAX 64

struct warm_pool {
	const struct runtime *runtime;
	const struct runtime_version *version;
	const struct runtime_profile *profile;
	struct buf program;  /* a payload whose only file, if there is one, is profile->prepare */
	enum pool_way way;   /* how the spawner fills it */
	char why[MSG_TEXT_BYTES]; /* and no better way */
};

struct warm {
	struct warm_pool pools[WARM_POOLS_MAX];
	unsigned count;
	const struct config *config;
};

/* Chooses by config->warm and the manifests. 0 or -ERR_NO_MEMORY. */
int warm_init(struct warm *warm, const struct config *config, const struct runtime_table *runtimes);
void warm_finish(struct warm *warm);
/* A spawner is there: tells it what to keep parked. */
void warm_tell(struct warm *warm, struct channel *spawner);
/* The spawner says how it fills a pool; a number that is none is ignored. */
void warm_pool_way(struct warm *warm, const struct msg_pool_way *msg);
/* The number of the pool for a prepared stage (its payload is written), 0: none. */
uint32_t warm_pool_for(const struct warm *warm, const struct job_spec *spec, enum stage stage,
		       const struct buf *payload);

#endif
