/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Riza's format: riza.c decodes runs, riza_tool.c those of tools, riza_encode.c encodes,
 * riza_kept.c makes the documents that callers keep. What they share of one run is here.
 */
#ifndef SG_API_RIZA_H
#define SG_API_RIZA_H

#include "api/draft.h"

/* Where a function's input and what it returned lie, below the working directory (api/wrappers). */
#define RIZA_INPUT_FILE	 ".input.json"
#define RIZA_OUTPUT_FILE ".output.json"

/* How a run was asked for; "type" of its details. */
enum riza_kind { RIZA_SCRIPT, RIZA_FUNCTION, RIZA_TOOL };

struct riza_language {
	const char *name;
	const char *function_file, *function_end; /* the caller's text, and what comes behind it */
	const char *wrapper; /* the program around a function; NULL: no functions */
};

/* One of a tool's variables. */
struct riza_variable {
	struct slice name, value, secret_id; /* secret_id.len: the value is still to come */
};

/* A run while it is read; job_spec.dialect_data, in the request's arena. */
struct riza_run {
	struct draft draft; /* first: rows of draft.h get it as their ctx */
	enum riza_kind kind;
	const struct riza_language *language;
	struct slice input; /* JSON text */
	struct slice runtime_revision_id; /* until it is known to be one */
	struct slice packages_id;	  /* the same one, until its packages are there */
	/* of a tool */
	struct slice tool_id, revision_id;
	struct riza_variable *variables;
	size_t variable_count, variables_done;
	bool tool_found, revision_found; /* its code is the one to run */
};

/* --- parts of requests: ctx is a struct riza_run --- */

const struct riza_language *riza_find_language(struct slice name, bool functions);
int riza_set_language(struct riza_run *run, struct slice name, struct err *err);
/* Refuses what needs a network, by name: 0, or -ERR_INVALID_FIELD if "allow" of http is not empty.
 */
int riza_read_http(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int riza_read_input(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
/* Room for that many files of the caller's and those that make the program. */
int riza_make_file_room(struct riza_run *run, size_t count, struct err *err);
/* The program's files, behind the caller's; then all that follows (draft_complete). */
int riza_add_program(struct riza_run *run, struct err *err);

/* --- tools --- */

int riza_read_tool_run(struct riza_run *run, const struct api_request *request, struct err *err);
/* As of struct dialect. */
bool riza_next_need(const struct job_spec *spec, struct document_need *ret_need);
int riza_take(const struct api_context *api, struct arena *arena, struct job_spec *spec,
	      const struct document *document, struct err *err);

/* --- answers --- */

int riza_encode_result(struct buf *out, const struct job_spec *spec,
		       const struct job_result *result);
int riza_encode_error(struct buf *out, const struct err *err, const char *request_id);
bool riza_encode_record(struct buf *out, const struct api_request *request,
			const struct job_spec *spec, const struct job_result *result,
			struct slice answer, struct document *ret_document);

#endif
