/* SPDX-License-Identifier: Apache-2.0 */
/* From what was read to what is written. */
#include <stdlib.h>
#include <yyjson.h>

#include "base/util.h"
#include "json/json.h"

static void put_object(struct json_writer *w, const char *key, yyjson_val *object)
{
	yyjson_obj_iter it = yyjson_obj_iter_with(object);

	json_object_open(w, key);
	for (yyjson_val *name; w->rc == 0 && (name = yyjson_obj_iter_next(&it));)
		json_put_value(w, yyjson_get_str(name), yyjson_obj_iter_get_val(name));
	json_object_close(w);
}

static void put_array(struct json_writer *w, const char *key, yyjson_val *array)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(array);

	json_array_open(w, key);
	for (yyjson_val *value; w->rc == 0 && (value = yyjson_arr_iter_next(&it));)
		json_put_value(w, NULL, value);
	json_array_close(w);
}

static void put_scalar(struct json_writer *w, const char *key, yyjson_val *value)
{
	size_t len;
	_free_ char *text = yyjson_val_write(value, YYJSON_WRITE_NOFLAG, &len);

	if (text)
		json_put_json(w, key, (struct slice){text, len});
	else
		w->rc = -ERR_NO_MEMORY;
}

void json_put_value(struct json_writer *w, const char *key, yyjson_val *value)
{
	if (yyjson_is_obj(value))
		put_object(w, key, value);
	else if (yyjson_is_arr(value))
		put_array(w, key, value);
	else if (yyjson_is_str(value))
		json_put_bytes(w, key,
			       (struct slice){yyjson_get_str(value), yyjson_get_len(value)});
	else if (value)
		put_scalar(w, key, value);
	else
		json_put_null(w, key);
}
