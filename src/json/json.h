/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in: yyjson behind strict typed getters (depth, duplicate keys, unknown fields, exact
 * integers). JSON out: our own writer, because program output is arbitrary bytes.
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

#define JSON_DEPTH_MAX	   32
#define JSON_VALUES_MAX	   1048576 /* keys and values of one text, 16 bytes each once parsed */
#define JSON_FIELDS_MAX	   32	   /* rows of one table of struct json_field */
#define JSON_PATH_BYTES	   96	   /* of a field's path; as much as struct err holds */
#define JSON_PADDING_BYTES 8

/*
 * Parses text (copied): RFC 8259 without extensions, valid UTF-8, no lone surrogates, at most
 * JSON_DEPTH_MAX deep, no key twice in an object, nothing behind the value.
 * 0, -ERR_INVALID_JSON (err says what and at which byte), -ERR_NO_MEMORY.
 */
int json_parse(struct yyjson_doc **ret_doc, struct slice text, struct err *err);
/*
 * The same without the copy: text has JSON_PADDING_BYTES behind len and is written to. Strings of
 * the document live in text and outlive json_free.
 */
int json_parse_in_place(struct yyjson_doc **ret_doc, char *text, size_t len, struct err *err);
void json_free(struct yyjson_doc *doc);
struct yyjson_val *json_root(struct yyjson_doc *doc);

/*
 * A table of an object's fields: parse functions are called in the order of the table for the
 * fields that are present; a field not in the table is -ERR_UNKNOWN_FIELD (with the nearest name
 * suggested). ctx is the object being filled. path is "" or e.g. "limits" and prefixes the names in
 * errors.
 */
struct json_field {
	const char *name;
	bool required;
	int (*parse)(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
};
/*
 * The last row of a lenient table, for formats whose clients may send what is not in it: unknown
 * fields are passed over, and null is a field that was not sent.
 */
#define JSON_IGNORE_OTHERS {"*", false, NULL}
int json_object_read(struct yyjson_val *object, const char *path, const struct json_field *fields,
		     size_t field_count, void *ctx, struct err *err);

/* Elements of an array, members of an object, else 0. */
size_t json_count(struct yyjson_val *value);
bool json_is_text(struct yyjson_val *value);
bool json_is_object(struct yyjson_val *value);
bool json_is_null(struct yyjson_val *value);
bool json_is_array(struct yyjson_val *value);
/* What JavaScript takes for false: null, false, 0, "" and no value at all. */
bool json_is_falsy(struct yyjson_val *value);
/* Any number, to its whole part; beyond 64 bits the nearest that fits. False: it is no number. */
bool json_whole_part(struct yyjson_val *value, int64_t *ret_number);
/* What a JSON pointer (RFC 6901) points at; NULL: nothing. */
struct yyjson_val *json_at(struct yyjson_val *root, const char *pointer);
/* The text of an object's member, as the document has it; NULL: there is none. */
const char *json_member_text(struct yyjson_val *object, const char *name);
/* The text of a value; {NULL, 0} of any other. */
struct slice json_text(struct yyjson_val *value);
/* A value as JSON again, in the arena; {NULL, 0} without memory. */
struct slice json_value_text(struct yyjson_val *value, struct arena *arena);

/*
 * Calls item for each element ("path[2]"), entry for each member ("path.key"), until one fails.
 * Another type is -ERR_INVALID_FIELD, more than most is -ERR_LIMIT_EXCEEDED.
 */
int json_array_read(struct yyjson_val *array, const char *path, size_t most,
		    int (*item)(struct yyjson_val *value, const char *path, void *ctx,
				struct err *err),
		    void *ctx, struct err *err);
int json_map_read(struct yyjson_val *object, const char *path, size_t most,
		  int (*entry)(struct slice key, struct yyjson_val *value, const char *path,
			       void *ctx, struct err *err),
		  void *ctx, struct err *err);

/* "path.key" and "path[index]"; cut to fit, control characters of key become '?'. */
void json_path_key(char out[static JSON_PATH_BYTES], const char *path, struct slice key);
void json_path_index(char out[static JSON_PATH_BYTES], const char *path, size_t index);

/* Typed getters: 0 or -ERR_INVALID_FIELD naming path. None accepts null or another type. */
int json_get_text(struct yyjson_val *value, const char *path, struct slice *ret_text,
		  struct err *err);
int json_get_bool(struct yyjson_val *value, const char *path, bool *ret_flag, struct err *err);
/* One of count names: its index. */
int json_get_choice(struct yyjson_val *value, const char *path, const char *const *names,
		    size_t count, unsigned *ret_index, struct err *err);
/*
 * A whole number in [least, most]: rejects 1.5, 1e308, -1, 2^64, "5"; above most is
 * -ERR_LIMIT_EXCEEDED. 30000.0 and 3e4 are the whole number 30000, as in JSON Schema: clients that
 * count in seconds send them. err's limit is least if the value is below it, else most.
 */
int json_get_u64(struct yyjson_val *value, const char *path, uint64_t least, uint64_t most,
		 uint64_t *ret_number, struct err *err);
/* Any number in [least, most]. */
int json_get_real(struct yyjson_val *value, const char *path, double least, double most,
		  double *ret_number, struct err *err);

/*
 * Base64 (RFC 4648 section 4: padding required, no line breaks, no stray bits) into the arena.
 * 0, -ERR_INVALID_FIELD or -ERR_NO_MEMORY.
 */
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
/* Half a text is none: empties the buffer if something could not be written. */
void json_writer_finish(struct json_writer *w);
void json_object_open(struct json_writer *w, const char *key); /* key NULL: array element or root */
void json_object_close(struct json_writer *w);
void json_array_open(struct json_writer *w, const char *key);
void json_array_close(struct json_writer *w);
void json_put_text(struct json_writer *w, const char *key, const char *text); /* NULL text: null */
/* Any bytes as text: each maximal subpart that is not UTF-8 becomes U+FFFD (Unicode 15, 3.9). */
void json_put_bytes(struct json_writer *w, const char *key, struct slice bytes);
void json_put_base64(struct json_writer *w, const char *key, struct slice bytes);
void json_put_i64(struct json_writer *w, const char *key, int64_t number);
void json_put_u64(struct json_writer *w, const char *key, uint64_t number);
/* A scaled integer with exactly so many digits behind the point: (1234567, 6) is 1.234567. */
void json_put_decimal(struct json_writer *w, const char *key, uint64_t scaled, unsigned decimals);
/* A duration in milliseconds, with microseconds behind the point. */
void json_put_ms(struct json_writer *w, const char *key, uint64_t ns);
/* Milliseconds since the epoch as RFC 3339 has them, in UTC; end: "Z", or what else is to stand there. */
void json_put_instant(struct json_writer *w, const char *key, uint64_t wall_ms, const char *end);
/* The same with "Z"; 0: null. */
void json_put_time(struct json_writer *w, const char *key, uint64_t wall_ms);
void json_put_bool(struct json_writer *w, const char *key, bool flag);
void json_put_null(struct json_writer *w, const char *key);
/* A value as it was parsed (NULL: null); numbers may be written otherwise. */
void json_put_value(struct json_writer *w, const char *key, struct yyjson_val *value);
/* What is JSON already. */
void json_put_json(struct json_writer *w, const char *key, struct slice json);

/* True if bytes are valid UTF-8 (RFC 3629). */
bool json_utf8_valid(struct slice bytes);

#endif
