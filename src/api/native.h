/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of the native dialect: native.c decodes, native_encode.c encodes. */
#ifndef SG_API_NATIVE_H
#define SG_API_NATIVE_H

#include "api/api.h"

void native_encode_result(struct buf *out, const struct job_spec *spec,
			  const struct job_result *result);
void native_encode_error(struct buf *out, const struct err *err, const char *request_id);
void native_encode_runtimes(struct buf *out, const struct api_context *api);

#endif
