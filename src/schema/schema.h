/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML by schema (libcyaml) for trusted files of ours: the configuration, manifests, lists of
 * images. One document, no aliases, no unknown or repeated keys. libcyaml's own number types are
 * not used anywhere: they take -1 and 1e3 without a word, so numbers are loaded as text and parsed
 * by the owner of the row. The room is not called yaml, because libyaml has that prefix.
 */
#ifndef SG_SCHEMA_SCHEMA_H
#define SG_SCHEMA_SCHEMA_H

#include <cyaml/cyaml.h>

#include "base/err.h"
#include "base/slice.h"

#define SCHEMA_FILE_BYTES_MAX (1024 * 1024)

/* A schema's text member: bytes at least and at most, in a `char *` of struct type. */
#define SCHEMA_TEXT(key, type, member, least, most)                                                \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, least, most)
#define SCHEMA_TEXT_OPTIONAL(key, type, member, least, most)                                       \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, least, \
			       most)

/*
 * Loads text; *ret_data is for schema_free, NULL for an empty document. file is what errors call
 * it. 0, -ERR_NO_MEMORY, or -code with field = file and a sentence that names the line and the key.
 */
int schema_load(void **ret_data, const cyaml_schema_value_t *schema, struct slice text,
		const char *file, enum err_code code, struct err *err);
/* The same from a file; besides -ERR_NOT_FOUND when there is none. */
int schema_load_file(void **ret_data, const cyaml_schema_value_t *schema, const char *path,
		     enum err_code code, struct err *err);
void schema_free(const cyaml_schema_value_t *schema, void *data);

/* A whole number in [least, most], digits only. 0 or -ERR_INVALID_FIELD. */
int schema_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number);

#endif
