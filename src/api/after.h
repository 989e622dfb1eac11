/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the native request about a run that nobody waits for (struct job_after). */
#ifndef SG_API_AFTER_H
#define SG_API_AFTER_H

#include "api/api.h"
#include "api/draft.h"

#define AFTER_RETRY_MAX	    10
#define AFTER_URL_BYTES_MAX 2048

/* Rows of a table of fields, as in api/draft.h. */
int after_read_async(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int after_read_retry(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int after_read_webhook(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
/* The headers, and whether all fits together. 0 or -ERR_INVALID_FIELD. */
int after_complete(struct draft *draft, const struct api_request *request, struct err *err);

/* True if a Prefer header has respond-async among its preferences (RFC 7240, 2 and 4.1). */
bool after_prefers_async(struct slice prefer);
/*
 * True if we may be asked to send to it: http or https, a name or an address, maybe a port, a path
 * and a query; no user, no fragment, nothing that two readers of URLs could read in two ways.
 */
bool after_url_is_good(struct slice url);

#endif
