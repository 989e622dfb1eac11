/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dialect: one wire format. Decodes a request's body into a job_spec and writes results and
 * errors. One file per dialect; it touches neither sockets nor processes.
 */
#ifndef SG_API_API_H
#define SG_API_API_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "engine/job.h"
#include "runtime/runtime.h"

/* What decoders check against. */
struct api_context {
	const struct config *config;
	const struct runtime_table *runtimes;
	const struct key_limits *key; /* the caller's maxima; NULL: the server's */
};

struct dialect {
	const char *name;
	/*
	 * Fills *ret_spec; its memory is in arena, which needs room for twice the body and 1 MiB.
	 * 0 or a negative code with *err.
	 */
	int (*decode)(const struct api_context *api, struct slice body, struct arena *arena,
		      struct job_spec *ret_spec, struct err *err);
	/* These leave out empty if it could not be written in full. */
	void (*encode_result)(struct buf *out, const struct job_spec *spec,
			      const struct job_result *result);
	void (*encode_error)(struct buf *out, const struct err *err, const char *request_id);
	void (*encode_runtimes)(struct buf *out, const struct api_context *api);
};

extern const struct dialect dialect_native;

#endif
