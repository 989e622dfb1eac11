/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in: yyjson behind strict typed getters (depth, duplicate keys, unknown fields, exact integers).
 * JSON out: our own writer, because program output is arbitrary bytes.
 */
#ifndef SG_JSON_JSON_H
#define SG_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct yyjson_doc;
struct yyjson_val;

#define JSON_DEPTH_MAX 32

/*
 * Parses text (copied): valid UTF-8, no lone surrogates, at most JSON_DEPTH_MAX deep, no key twice in an
 * object, nothing behind the value. 0, -ERR_INVALID_JSON (err says what and at which byte), -ERR_NO_MEMORY.
 */
int json_parse(struct yyjson_doc **ret_doc, struct slice text, struct err *err);
void json_free(struct yyjson_doc *doc);
struct yyjson_val *json_root(struct yyjson_doc *doc);

/*
 * A table of an object's fields: parse functions are called in the order of the table for the fields that
 * are present; a field not in the table is -ERR_UNKNOWN_FIELD (with the nearest name suggested).
 * ctx is the object being filled. path is "" or e.g. "limits" and prefixes the names in errors.
 */
struct json_field {
	const char *name;
	bool required;
	int (*parse)(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
};
int json_object_read(struct yyjson_val *object, const char *path, const struct json_field *fields,
                     size_t field_count, void *ctx, struct err *err);

/* Typed getters: 0 or -ERR_INVALID_FIELD naming path. None accepts null or another type. */
int json_get_text(struct yyjson_val *value, const char *path, struct slice *ret_text, struct err *err);
int json_get_bool(struct yyjson_val *value, const char *path, bool *ret_flag, struct err *err);
/* A whole number in [least, most]: rejects 1.5, 1e308, -1, 2^64, "5"; above most is -ERR_LIMIT_EXCEEDED. */
int json_get_u64(struct yyjson_val *value, const char *path, uint64_t least, uint64_t most,
                 uint64_t *ret_number, struct err *err);

/* Base64 (RFC 4648, padding required, nothing else inside) into the arena. 0 or -ERR_INVALID_FIELD. */
int json_base64_decode(struct arena *arena, struct slice text, const char *path,
                       struct slice *ret_data, struct err *err);

/* --- writing --- */

/* Appends to a buf; commas and nesting are kept by the writer. First failure sticks in rc. */
struct json_writer {
	struct buf *out;
	int rc;
	unsigned depth;
	bool need_comma[JSON_DEPTH_MAX + 1];
};

void json_writer_init(struct json_writer *w, struct buf *out);
void json_object_open(struct json_writer *w, const char *key);  /* key NULL: array element or root */
void json_object_close(struct json_writer *w);
void json_array_open(struct json_writer *w, const char *key);
void json_array_close(struct json_writer *w);
void json_put_text(struct json_writer *w, const char *key, const char *text); /* NULL text: null */
/* Arbitrary bytes as text: invalid UTF-8 becomes U+FFFD by the maximal-subpart rule (Unicode 15, 3.9). */
void json_put_bytes(struct json_writer *w, const char *key, struct slice bytes);
void json_put_base64(struct json_writer *w, const char *key, struct slice bytes);
void json_put_i64(struct json_writer *w, const char *key, int64_t number);
void json_put_u64(struct json_writer *w, const char *key, uint64_t number);
/* A decimal with exactly `decimals` digits behind the point, from a scaled integer: (1234567, 6) is 1.234567. */
void json_put_decimal(struct json_writer *w, const char *key, uint64_t scaled, unsigned decimals);
void json_put_bool(struct json_writer *w, const char *key, bool flag);
void json_put_null(struct json_writer *w, const char *key);

/* True if bytes are valid UTF-8. */
bool json_utf8_valid(struct slice bytes);

#endif
