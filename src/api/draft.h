/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job while a request is read: what all dialects share. The language comes first, because it
 * decides limits; draft_complete comes last. All memory is the arena's.
 *
 * Every function returns 0 or a negative code with *err, which names the field by path.
 */
#ifndef SG_API_DRAFT_H
#define SG_API_DRAFT_H

#include "api/api.h"
#include "api/files.h"
#include "api/limit.h"
#include "json/json.h"

struct draft {
	const struct api_context *api;
	struct arena *arena;
	struct job_spec spec;
	struct file_set set;
	bool has_code, has_entrypoint;
	struct slice code, entrypoint;
	uint64_t files_bytes;
	void *more; /* the dialect's own */
};

int draft_no_memory(struct err *err);
/* -ERR_LIMIT_EXCEEDED if len is above most. */
int draft_check_bytes(size_t len, uint64_t most, const char *path, struct err *err);

/* --- values that came in any form --- */

int draft_set_language(struct draft *draft, struct slice name, const char *path, struct err *err);
int draft_set_code(struct draft *draft, struct slice code, const char *path, struct err *err);
/* Room for so many (cut to the configuration's maximum, which the caller has to keep). */
int draft_make_file_room(struct draft *draft, size_t count, enum file_form form, struct err *err);
int draft_make_env_room(struct draft *draft, size_t count, struct err *err);
int draft_add_file(struct draft *draft, struct slice name, struct slice data, struct err *err);
int draft_add_variable(struct draft *draft, struct slice name, struct slice text, const char *path,
		       struct err *err);
/* A limit counted in so many of its own units. */
int draft_read_limit(struct draft *draft, enum limit limit, struct yyjson_val *value, uint64_t unit,
		     const char *path, struct err *err);
/* The dialect's own default, moved into what the caller may ask for. */
void draft_preset_limit(struct draft *draft, enum limit limit, uint64_t value);
/* For formats that know one limit of time: a program may compute for as long as it may run. */
void draft_let_compute(struct draft *draft);
/* "text", or {"content": "dGV4dA==", "encoding": "base64"}. */
int draft_read_content(struct yyjson_val *value, const char *path, struct arena *arena,
		       struct slice *ret_data, struct err *err);

/* --- rows of a table of fields: ctx is a struct draft --- */

int draft_read_language(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_version(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_engine(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
/* {"name": content, ...} or [{"name", "content", "encoding"?}, ...] */
int draft_read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_entrypoint(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_args(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_flags(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_env(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_stdin(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_limits(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
/* Who asks for files by name gets ./artifacts as well, unless he says otherwise. */
int draft_read_output_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_artifacts(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_pty(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_output_encoding(struct yyjson_val *value, const char *path, void *ctx,
			       struct err *err);

/* --- the end --- */

/* Files, entry, version, flags and engine: what follows from several fields or from none. */
int draft_complete(struct draft *draft, struct err *err);
/* The files and the entry alone; part of draft_complete. */
int draft_choose_program(struct draft *draft, struct err *err);

/* {"rows": 24, "columns": 80} */
int draft_read_window(struct yyjson_val *value, const char *path, struct window *ret_window,
		      struct err *err);

#endif
