/* SPDX-License-Identifier: Apache-2.0 */
/* The native dialect's parts: native.c decodes, native_encode.c encodes; union.c adds to that. */
#ifndef SG_API_NATIVE_H
#define SG_API_NATIVE_H

#include "api/api.h"
#include "json/json.h"

int native_encode_result(struct buf *out, const struct job_spec *spec,
			 const struct job_result *result);
int native_encode_error(struct buf *out, const struct err *err, const char *request_id);
int native_encode_runtimes(struct buf *out, const struct api_context *api);

struct draft;
/*
 * Reads a program as POST /v1/execute takes one, and the fields of more (their ctx is the draft too), into
 * the draft, which is then complete. path as of json_object_read.
 */
int native_read_program(struct draft *draft, struct yyjson_val *value, const char *path,
			const struct json_field *more, size_t more_count, struct err *err);

/* Output of a program as the request wants it. */
void native_put_output(struct json_writer *w, const char *key, const struct buf *bytes,
		       enum output_encoding encoding);
/* The fields of a result, of its compile stage, and of an error, without what is around them. */
void native_put_result(struct json_writer *w, const struct job_spec *spec,
		       const struct job_result *result);
void native_put_compile(struct json_writer *w, const struct job_spec *spec,
			const struct stage_result *compile);
/*
 * What stands behind them: files that came back, the session that it was a run of, what an execute of a live interpreter has
 * besides; nothing where there is none.
 */
void native_put_rest(struct json_writer *w, const struct job_spec *spec, const struct job_result *result);
/* The fields of one that was taken. */
void native_put_file(struct json_writer *w, const struct collected_file *file);
/* Why something that was answered has no result: an object `error`. */
void native_put_reason(struct json_writer *w, const struct err *err);
void native_put_error(struct json_writer *w, const struct err *err, const char *request_id);
/* The fields of a runtime. */
void native_put_runtime(struct json_writer *w, const struct api_context *api,
			const struct runtime *runtime);

int union_encode_result(struct buf *out, const struct job_spec *spec,
			const struct job_result *result);
int union_encode_error(struct buf *out, const struct err *err, const char *request_id);
int union_encode_runtimes(struct buf *out, const struct api_context *api);

#endif
