/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of JSON Schema (draft 2020-12): type, enum, const, properties, required,
 * additionalProperties, items, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength,
 * maxLength, minItems, maxItems, and words that only describe. Others are refused by name: a check
 * that is passed over would let through what its author thinks is kept out.
 */
#ifndef SG_JSON_SCHEMA_H
#define SG_JSON_SCHEMA_H

#include "base/err.h"

struct yyjson_val;

/* Whether it is a schema of only such words. 0 or -ERR_INVALID_FIELD naming the word below path. */
int json_schema_validate(struct yyjson_val *schema, const char *path, struct err *err);
/*
 * Whether value is as a validated schema says; NULL and true: anything is. 0 or -ERR_INVALID_FIELD
 * naming what is not below path.
 */
int json_schema_check(struct yyjson_val *schema, struct yyjson_val *value, const char *path,
		      struct err *err);

#endif
