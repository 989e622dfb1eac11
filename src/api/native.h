/* SPDX-License-Identifier: Apache-2.0 */
/* The native dialect's parts: native.c and native_files.c decode, native_encode.c encodes. */
#ifndef SG_API_NATIVE_H
#define SG_API_NATIVE_H

#include "api/api.h"
#include "api/files.h"
#include "json/json.h"

/* A request while it is read. Its table in native.c gives the order: language comes first. */
struct native_request {
	const struct api_context *api;
	struct arena *arena;
	struct job_spec spec;
	struct file_set set;
	bool has_code, has_entrypoint;
	struct slice code, entrypoint;
	uint64_t files_bytes;
};

int native_no_memory(struct err *err);
/* -ERR_LIMIT_EXCEEDED if len is above most. */
int native_check_bytes(size_t len, uint64_t most, const char *path, struct err *err);
/* "text", or {"content": "dGV4dA==", "encoding": "base64"}. */
int native_read_content(struct yyjson_val *value, const char *path, struct arena *arena,
			struct slice *ret_data, struct err *err);

/* Rows of the table of fields; ctx is a struct native_request. */
int native_read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int native_read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int native_read_entrypoint(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
/* Sets files and entry of the job, once all fields were read. */
int native_choose_program(struct native_request *request, struct err *err);

void native_encode_result(struct buf *out, const struct job_spec *spec,
			  const struct job_result *result);
void native_encode_error(struct buf *out, const struct err *err, const char *request_id);
void native_encode_runtimes(struct buf *out, const struct api_context *api);

#endif
