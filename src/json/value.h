/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the getters of this room. */
#ifndef SG_JSON_VALUE_H
#define SG_JSON_VALUE_H

#include "json/json.h"

/* -ERR_INVALID_FIELD: "'path' must be <wanted>, not <type>."; an empty path is the body itself. */
int json_wrong_type(struct yyjson_val *value, const char *path, const char *wanted,
		    struct err *err);

#endif
