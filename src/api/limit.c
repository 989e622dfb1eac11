/* SPDX-License-Identifier: Apache-2.0 */
#include "api/limit.h"

#include <inttypes.h>

/* The smallest values that config.def allows hold for requests too. */
enum config_least {
#define U64(name, unit, def, least, most, doc) CONFIG_LEAST_##name = (least),
#define TEXT(name, def, doc)
#define FLAG(name, def, doc)
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
};

#define NONE		   SIZE_MAX
#define OF_KEY(member)	   offsetof(struct key_limits, member)
#define OF_RUNTIME(member) offsetof(struct runtime, member)

/* Where the numbers of a limit are: offsets of uint64_t. */
struct limit_row {
	const char *name;
	uint64_t least;
	size_t in_job, default_in_config, max_in_config, in_key, in_runtime;
};

static const struct limit_row limit_rows[LIMIT_COUNT] = {
#define X(name, of_key, of_runtime)                                                                \
	[LIMIT_##name] = {#name,                                                                   \
			  CONFIG_LEAST_##name##_default,                                           \
			  offsetof(struct job_limits, name),                                       \
			  offsetof(struct config, name##_default),                                 \
			  offsetof(struct config, name##_max),                                     \
			  of_key,                                                                  \
			  of_runtime},
#include "api/limit.def"
#undef X
};

static uint64_t number_at(const void *base, size_t offset)
{
	return *(const uint64_t *)((const char *)base + offset);
}

const char *limit_name(enum limit limit)
{
	return limit_rows[limit].name;
}

struct limit_range limit_range_of(enum limit limit, const struct api_context *api,
				  const struct runtime *runtime)
{
	const struct limit_row *row = &limit_rows[limit];
	struct limit_range range = {
	    .least = MAX_OF(row->least, 1),
	    .preset = number_at(api->config, row->default_in_config),
	    .most = number_at(api->config, row->max_in_config),
	};

	if (row->in_runtime != NONE && runtime)
		range.least = MAX_OF(range.least, number_at(runtime, row->in_runtime));
	if (row->in_key != NONE && api->key && number_at(api->key, row->in_key) != 0)
		range.most = MIN_OF(range.most, number_at(api->key, row->in_key));
	range.preset = MIN_OF(MAX_OF(range.preset, range.least), range.most);
	return range;
}

int limit_preset_all(struct job_limits *ret_limits, const struct api_context *api,
		     const struct runtime *runtime, struct err *err)
{
	struct job_limits limits = {0};
	char path[JSON_PATH_BYTES];

	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		struct limit_range range = limit_range_of(i, api, runtime);

		if (range.least > range.most) {
			json_path_key(path, "limits", slice_from(limit_name(i)));
			return err_limit(err, ERR_LIMIT_EXCEEDED, path, range.most,
					 "%s needs '%s' to be at least %" PRIu64
					 ", above the maximum of %" PRIu64 ".",
					 runtime->name, path, range.least, range.most);
		}
		*(uint64_t *)((char *)&limits + limit_rows[i].in_job) = range.preset;
	}
	*ret_limits = limits;
	return 0;
}

void limit_preset(enum limit limit, uint64_t value, const struct api_context *api,
		  const struct runtime *runtime, struct job_limits *limits)
{
	struct limit_range range = limit_range_of(limit, api, runtime);

	*(uint64_t *)((char *)limits + limit_rows[limit].in_job) =
	    MIN_OF(MAX_OF(value, range.least), range.most);
}

struct limits_reader {
	const struct api_context *api;
	const struct runtime *runtime;
	struct job_limits *limits;
};

int limit_read(enum limit limit, struct yyjson_val *value, uint64_t unit, const char *path,
	       const struct api_context *api, const struct runtime *runtime,
	       struct job_limits *limits, struct err *err)
{
	struct limit_range range = limit_range_of(limit, api, runtime);
	uint64_t least = (range.least + unit - 1) / unit, number;
	int rc = json_get_u64(value, path, least, range.most / unit, &number, err);

	if (rc < 0)
		return rc;
	*(uint64_t *)((char *)limits + limit_rows[limit].in_job) = number * unit;
	limits->asked |= 1ull << limit;
	return 0;
}

static int read_limit(enum limit limit, struct yyjson_val *value, const char *path,
		      const struct limits_reader *reader, struct err *err)
{
	return limit_read(limit, value, 1, path, reader->api, reader->runtime, reader->limits, err);
}

#define X(name, of_key, of_runtime)                                                                \
	static int read_##name(struct yyjson_val *value, const char *path, void *ctx,              \
			       struct err *err)                                                    \
	{                                                                                          \
		return read_limit(LIMIT_##name, value, path, ctx, err);                            \
	}
#include "api/limit.def"
#undef X

static const struct json_field limit_fields[] = {
#define X(name, of_key, of_runtime) {#name, false, read_##name},
#include "api/limit.def"
#undef X
};

int limit_read_all(struct yyjson_val *object, const char *path, const struct api_context *api,
		   const struct runtime *runtime, struct job_limits *limits, struct err *err)
{
	struct limits_reader reader = {api, runtime, limits};

	return json_object_read(object, path, limit_fields, ARRAY_LEN(limit_fields), &reader, err);
}
