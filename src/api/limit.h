/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of a request: who may ask for how much. Shared by all dialects. */
#ifndef SG_API_LIMIT_H
#define SG_API_LIMIT_H

#include "api/api.h"
#include "json/json.h"

enum limit {
#define X(name, of_key, of_runtime) LIMIT_##name,
#include "api/limit.def"
#undef X
	LIMIT_COUNT
};

/* What a request may say, and what holds if it says nothing. least > most: it cannot run at all. */
struct limit_range {
	uint64_t least, preset, most;
};

const char *limit_name(enum limit limit);

/*
 * least: the configuration's and what the runtime needs, and never 0, which elsewhere means "no
 * limit". most: the server's maximum or the key's, whichever is lower. preset: the server's
 * default, moved into the range of the two.
 */
struct limit_range limit_range_of(enum limit limit, const struct api_context *api,
				  const struct runtime *runtime);

/* All presets. -ERR_LIMIT_EXCEEDED if the caller's maximum is below what the runtime needs. */
int limit_preset_all(struct job_limits *ret_limits, const struct api_context *api,
		     const struct runtime *runtime, struct err *err);

/* Sets one to value, moved into its range. */
void limit_preset(enum limit limit, uint64_t value, const struct api_context *api,
		  const struct runtime *runtime, struct job_limits *limits);

/*
 * Reads one that is counted in so many of its own units (seconds: 1000 of wall_time_ms).
 * 0 or as json_get_u64.
 */
int limit_read(enum limit limit, struct yyjson_val *value, uint64_t unit, const char *path,
	       const struct api_context *api, const struct runtime *runtime,
	       struct job_limits *limits, struct err *err);

/* Reads an object of limits over presets. 0 or as json_object_read and json_get_u64. */
int limit_read_all(struct yyjson_val *object, const char *path, const struct api_context *api,
		   const struct runtime *runtime, struct job_limits *limits, struct err *err);

#endif
