/* SPDX-License-Identifier: Apache-2.0 */
/* Riza's format: riza.c decodes, riza_encode.c encodes. What both know of one run is here. */
#ifndef SG_API_RIZA_H
#define SG_API_RIZA_H

#include "api/api.h"
#include "json/json.h"

/* Where a function's input and what it returned lie, below the working directory (api/wrappers). */
#define RIZA_INPUT_FILE	 ".input.json"
#define RIZA_OUTPUT_FILE ".output.json"

/* How a run was asked for; "type" of its details. */
enum riza_kind { RIZA_SCRIPT, RIZA_FUNCTION };

/* job_spec.dialect_data */
struct riza_run {
	enum riza_kind kind;
};

int riza_encode_result(struct buf *out, const struct job_spec *spec,
		       const struct job_result *result);
int riza_encode_error(struct buf *out, const struct err *err, const char *request_id);

/* Refuses what needs a network, by name: 0, or -ERR_INVALID_FIELD if "allow" of http is not empty. */
int riza_read_http(struct yyjson_val *value, const char *path, void *ctx, struct err *err);

#endif
