/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yyjson is strict about the grammar (flags 0) and we about what is around it: depth and number of
 * values are counted before it allocates anything, and repeated keys are looked for afterwards.
 */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/util.h"
#include "json/json.h"
#include "json/word.h"

_Static_assert(JSON_PADDING_BYTES >= YYJSON_PADDING_SIZE, "yyjson reads past the end by this much");

/* Objects up to this size are compared pair by pair; larger ones are sorted. */
#define PAIRWISE_KEYS_MAX 16

/* Bytes from at that are neither '"' nor '\\', as far as one word tells. */
static size_t inside_string(const char *at, const char *end)
{
	if (end - at < WORD_BYTES)
		return *at != '"' && *at != '\\';
	uint64_t word = word_load(at);
	return word_first(word_equal(word, '"') | word_equal(word, '\\'));
}

/* The closing quote of the string that opens at `at`, or end. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end;) {
		size_t inside = inside_string(at, end);

		at += inside;
		if (inside == 0 && *at == '"')
			return at;
		if (inside == 0)
			at += MIN_OF(end - at, 2); /* a backslash and what it escapes */
	}
	return end;
}

/*
 * Bounds what the parser will build: 32 MiB of "[[[[" would otherwise become half a gigabyte of
 * values before anybody could say no. Grammar is the parser's business: text that this loop reads
 * differently is not JSON.
 */
static int check_shape(struct slice text, struct err *err)
{
	const char *end = text.data + text.len;
	size_t depth = 0, values = 1;

	for (const char *at = text.data; at < end; at++) {
		if (*at == '"') {
			at = skip_string(at, end);
		} else if (*at == '[' || *at == '{') {
			values++;
			if (++depth > JSON_DEPTH_MAX)
				return err_limit(
				    err, ERR_INVALID_JSON, "", JSON_DEPTH_MAX,
				    "The JSON is nested more than %d deep at byte %zu.",
				    JSON_DEPTH_MAX, (size_t)(at - text.data));
		} else if (*at == ']' || *at == '}') {
			depth -= depth > 0;
		} else if (*at == ',' || *at == ':') {
			values++;
		}
	}
	if (values > JSON_VALUES_MAX)
		return err_limit(err, ERR_INVALID_JSON, "", JSON_VALUES_MAX,
				 "The JSON has more than %d values.", JSON_VALUES_MAX);
	return 0;
}

static struct slice key_text(yyjson_val *key)
{
	return (struct slice){yyjson_get_str(key), yyjson_get_len(key)};
}

static int repeated(struct slice key, struct err *err)
{
	char name[JSON_PATH_BYTES];

	json_path_key(name, "", key);
	return err_field(err, ERR_INVALID_JSON, name, "The key '%s' stands twice in one object.",
			 name);
}

static int check_few_keys(yyjson_val *object, struct err *err)
{
	struct slice keys[PAIRWISE_KEYS_MAX];
	yyjson_obj_iter it = yyjson_obj_iter_with(object);
	size_t count = 0;

	for (yyjson_val *key; (key = yyjson_obj_iter_next(&it)); count++) {
		keys[count] = key_text(key);
		for (size_t i = 0; i < count; i++)
			if (slice_equal(keys[i], keys[count]))
				return repeated(keys[count], err);
	}
	return 0;
}

/* By length first, which is at hand, then by bytes. */
static int compare_keys(const void *left, const void *right)
{
	const struct slice *a = left, *b = right;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->data, b->data, a->len);
}

/* Sorted and not hashed: the sender chooses the keys, and no choice makes this quadratic. */
static int check_many_keys(yyjson_val *object, size_t count, struct err *err)
{
	_free_ struct slice *keys = malloc(count * sizeof(*keys));
	yyjson_obj_iter it = yyjson_obj_iter_with(object);

	if (!keys)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	for (size_t i = 0; i < count; i++)
		keys[i] = key_text(yyjson_obj_iter_next(&it));
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < count; i++)
		if (slice_equal(keys[i - 1], keys[i]))
			return repeated(keys[i], err);
	return 0;
}

static int check_children(yyjson_val *container, struct err *err);

static int check_keys(yyjson_val *value, struct err *err)
{
	size_t count = yyjson_obj_size(value);
	int rc = 0;

	if (count > PAIRWISE_KEYS_MAX)
		rc = check_many_keys(value, count, err);
	else if (count > 1)
		rc = check_few_keys(value, err);
	return rc < 0 ? rc : check_children(value, err);
}

/* Recursion ends at JSON_DEPTH_MAX, which check_shape has made sure of. */
static int check_children(yyjson_val *container, struct err *err)
{
	yyjson_obj_iter members = yyjson_obj_iter_with(container);
	yyjson_arr_iter elements = yyjson_arr_iter_with(container);
	int rc = 0;

	for (yyjson_val *key; rc == 0 && (key = yyjson_obj_iter_next(&members));)
		if (yyjson_is_ctn(yyjson_obj_iter_get_val(key)))
			rc = check_keys(yyjson_obj_iter_get_val(key), err);
	for (yyjson_val *value; rc == 0 && (value = yyjson_arr_iter_next(&elements));)
		if (yyjson_is_ctn(value))
			rc = check_keys(value, err);
	return rc;
}

static int parse_failed(const yyjson_read_err *why, struct err *err)
{
	if (why->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	return err_set(err, ERR_INVALID_JSON, "Not valid JSON at byte %zu: %s.", why->pos,
		       why->msg);
}

static int parse(struct yyjson_doc **ret_doc, char *text, size_t len, yyjson_read_flag flags,
		 struct err *err)
{
	yyjson_read_err why;

	if (len == 0)
		return err_set(err, ERR_INVALID_JSON, "The body is empty; send a JSON object.");
	int rc = check_shape((struct slice){text, len}, err);
	if (rc < 0)
		return rc;
	yyjson_doc *doc = yyjson_read_opts(text, len, flags, NULL, &why);
	if (!doc)
		return parse_failed(&why, err);
	rc = check_keys(yyjson_doc_get_root(doc), err);
	if (rc < 0) {
		yyjson_doc_free(doc);
		return rc;
	}
	*ret_doc = doc;
	return 0;
}

int json_parse(struct yyjson_doc **ret_doc, struct slice text, struct err *err)
{
	/* The cast is safe: without YYJSON_READ_INSITU the text is copied first. */
	return parse(ret_doc, (char *)text.data, text.len, YYJSON_READ_NOFLAG, err);
}

int json_parse_in_place(struct yyjson_doc **ret_doc, char *text, size_t len, struct err *err)
{
	memset(text + len, 0, JSON_PADDING_BYTES);
	return parse(ret_doc, text, len, YYJSON_READ_INSITU, err);
}

void json_free(struct yyjson_doc *doc)
{
	yyjson_doc_free(doc);
}

struct yyjson_val *json_root(struct yyjson_doc *doc)
{
	return yyjson_doc_get_root(doc);
}
