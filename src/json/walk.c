/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by a table of fields, objects with free keys, arrays. */
#include <assert.h>
#include <string.h>
#include <yyjson.h>

#include "base/util.h"
#include "json/name.h"
#include "json/value.h"

/* Index of the row that key names, or field_count. */
static size_t field_of(struct slice key, const struct json_field *fields, size_t field_count)
{
	size_t i = 0;

	while (i < field_count && !slice_equal(key, slice_from(fields[i].name)))
		i++;
	return i;
}

static int unknown_field(struct slice key, const char *path, const struct json_field *fields,
			 size_t field_count, struct err *err)
{
	char full[JSON_PATH_BYTES];
	const char *nearest = NULL;
	unsigned best = UINT_MAX;

	for (size_t i = 0; i < field_count; i++) {
		unsigned distance = name_distance(key, slice_from(fields[i].name));
		if (distance < best) {
			best = distance;
			nearest = fields[i].name;
		}
	}
	json_path_key(full, path, key);
	if (nearest)
		return err_field(err, ERR_UNKNOWN_FIELD, full,
				 "There is no field '%s'; did you mean '%s%s%s'?", full, path,
				 *path ? "." : "", nearest);
	return err_field(err, ERR_UNKNOWN_FIELD, full, "There is no field '%s'.", full);
}

static int missing_field(const char *name, const char *path, struct err *err)
{
	char full[JSON_PATH_BYTES];

	json_path_key(full, path, slice_from(name));
	return err_field(err, ERR_MISSING_FIELD, full, "The field '%s' is missing.", full);
}

int json_object_read(struct yyjson_val *object, const char *path, const struct json_field *fields,
		     size_t field_count, void *ctx, struct err *err)
{
	yyjson_val *values[JSON_FIELDS_MAX] = {NULL};
	yyjson_obj_iter it = yyjson_obj_iter_with(object);
	bool lenient = field_count && !fields[field_count - 1].parse;
	char full[JSON_PATH_BYTES];
	int rc = 0;

	field_count -= lenient;
	assert(field_count <= JSON_FIELDS_MAX);
	if (!yyjson_is_obj(object))
		return json_wrong_type(object, path, "an object", err);
	for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
		struct slice name = {yyjson_get_str(key), yyjson_get_len(key)};
		size_t i = field_of(name, fields, field_count);

		yyjson_val *value = yyjson_obj_iter_get_val(key);
		if (i == field_count && !lenient)
			return unknown_field(name, path, fields, field_count, err);
		if (i < field_count && !(lenient && yyjson_is_null(value)))
			values[i] = value;
	}
	for (size_t i = 0; rc == 0 && i < field_count; i++) {
		if (values[i]) {
			json_path_key(full, path, slice_from(fields[i].name));
			rc = fields[i].parse(values[i], full, ctx, err);
		} else if (fields[i].required) {
			rc = missing_field(fields[i].name, path, err);
		}
	}
	return rc;
}

int json_array_read(struct yyjson_val *array, const char *path, size_t most,
		    int (*item)(struct yyjson_val *value, const char *path, void *ctx,
				struct err *err),
		    void *ctx, struct err *err)
{
	char item_path[JSON_PATH_BYTES];
	yyjson_arr_iter it = yyjson_arr_iter_with(array);
	int rc = 0;

	if (!yyjson_is_arr(array))
		return json_wrong_type(array, path, "an array", err);
	if (yyjson_arr_size(array) > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
				 "'%s' has %zu elements; at most %zu are allowed.", path,
				 yyjson_arr_size(array), most);
	for (yyjson_val *value; rc == 0 && (value = yyjson_arr_iter_next(&it));) {
		json_path_index(item_path, path, it.idx - 1);
		rc = item(value, item_path, ctx, err);
	}
	return rc;
}

int json_map_read(struct yyjson_val *object, const char *path, size_t most,
		  int (*entry)(struct slice key, struct yyjson_val *value, const char *path,
			       void *ctx, struct err *err),
		  void *ctx, struct err *err)
{
	char entry_path[JSON_PATH_BYTES];
	yyjson_obj_iter it = yyjson_obj_iter_with(object);
	int rc = 0;

	if (!yyjson_is_obj(object))
		return json_wrong_type(object, path, "an object", err);
	if (yyjson_obj_size(object) > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
				 "'%s' has %zu entries; at most %zu are allowed.", path,
				 yyjson_obj_size(object), most);
	for (yyjson_val *key; rc == 0 && (key = yyjson_obj_iter_next(&it));) {
		struct slice name = {yyjson_get_str(key), yyjson_get_len(key)};

		json_path_key(entry_path, path, name);
		rc = entry(name, yyjson_obj_iter_get_val(key), entry_path, ctx, err);
	}
	return rc;
}
