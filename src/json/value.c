/* SPDX-License-Identifier: Apache-2.0 */
/* Typed getters. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

#include "base/util.h"
#include "json/value.h"

static const char *type_name(yyjson_val *value)
{
	static const char *const names[] = {
	    [YYJSON_TYPE_NULL] = "null",    [YYJSON_TYPE_BOOL] = "a boolean",
	    [YYJSON_TYPE_NUM] = "a number", [YYJSON_TYPE_STR] = "a string",
	    [YYJSON_TYPE_ARR] = "an array", [YYJSON_TYPE_OBJ] = "an object",
	};
	yyjson_type type = yyjson_get_type(value);

	return type < ARRAY_LEN(names) && names[type] ? names[type] : "nothing";
}

int json_wrong_type(yyjson_val *value, const char *path, const char *wanted, struct err *err)
{
	return err_field(err, ERR_INVALID_FIELD, path, "%s%s%s must be %s, not %s.",
			 *path ? "'" : "", *path ? path : "The body", *path ? "'" : "", wanted,
			 type_name(value));
}

size_t json_count(struct yyjson_val *value)
{
	return yyjson_is_obj(value) ? yyjson_obj_size(value) : yyjson_arr_size(value);
}

bool json_is_text(struct yyjson_val *value)
{
	return yyjson_is_str(value);
}

bool json_is_object(struct yyjson_val *value)
{
	return yyjson_is_obj(value);
}

bool json_is_null(struct yyjson_val *value)
{
	return yyjson_is_null(value);
}

struct slice json_value_text(struct yyjson_val *value, struct arena *arena)
{
	size_t len = 0;
	char *text = yyjson_val_write(value, 0, &len);
	char *copy = text ? arena_copy(arena, text, len) : NULL;

	free(text);
	return (struct slice){copy, copy ? len : 0};
}

bool json_is_array(struct yyjson_val *value)
{
	return yyjson_is_arr(value);
}

bool json_is_falsy(struct yyjson_val *value)
{
	return !value || yyjson_is_null(value) || yyjson_is_false(value) ||
	       (yyjson_is_num(value) && yyjson_get_num(value) == 0) ||
	       (yyjson_is_str(value) && yyjson_get_len(value) == 0);
}

bool json_whole_part(struct yyjson_val *value, int64_t *ret_number)
{
	double real = yyjson_get_num(value);

	if (!yyjson_is_num(value))
		return false;
	if (yyjson_is_sint(value))
		*ret_number = yyjson_get_sint(value);
	else if (real >= 0x1p63)
		*ret_number = INT64_MAX;
	else
		*ret_number = real <= -0x1p63 ? INT64_MIN : (int64_t)real;
	return true;
}

struct yyjson_val *json_at(struct yyjson_val *root, const char *pointer)
{
	return yyjson_ptr_get(root, pointer);
}

const char *json_member_text(struct yyjson_val *object, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(object, name));
}

struct slice json_text(struct yyjson_val *value)
{
	const char *text = yyjson_get_str(value);

	/* of an array or an object the length is how many it has */
	return (struct slice){text, text ? yyjson_get_len(value) : 0};
}

int json_get_text(struct yyjson_val *value, const char *path, struct slice *ret_text,
		  struct err *err)
{
	if (!yyjson_is_str(value))
		return json_wrong_type(value, path, "a string", err);
	*ret_text = (struct slice){yyjson_get_str(value), yyjson_get_len(value)};
	return 0;
}

int json_get_bool(struct yyjson_val *value, const char *path, bool *ret_flag, struct err *err)
{
	if (!yyjson_is_bool(value))
		return json_wrong_type(value, path, "true or false", err);
	*ret_flag = yyjson_get_bool(value);
	return 0;
}

/* "a", "b" or "c" */
static void list_names(char *out, size_t cap, const char *const *names, size_t count)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < count && used < cap; i++) {
		const char *glue = i == 0 ? "" : i + 1 < count ? ", " : " or ";
		used += (size_t)snprintf(out + used, cap - used, "%s'%s'", glue, names[i]);
	}
}

int json_get_choice(struct yyjson_val *value, const char *path, const char *const *names,
		    size_t count, unsigned *ret_index, struct err *err)
{
	char all[160];

	for (size_t i = 0; i < count; i++) {
		if (yyjson_equals_str(value, names[i])) {
			*ret_index = (unsigned)i;
			return 0;
		}
	}
	list_names(all, sizeof(all), names, count);
	if (!yyjson_is_str(value))
		return json_wrong_type(value, path, all, err);
	return err_field(err, ERR_INVALID_FIELD, path, "'%s' must be %s.", path, all);
}

enum number_kind { NUMBER_WHOLE, NUMBER_BELOW, NUMBER_ABOVE, NUMBER_OTHER };

/* A double holds every whole number up to 2^53; above it the text may have said another one. */
#define DOUBLE_EXACT_MAX 9007199254740992.0

static enum number_kind whole_of_real(double real, uint64_t *ret_number)
{
	if (real < 0)
		return NUMBER_BELOW;
	if (real > DOUBLE_EXACT_MAX)
		return NUMBER_ABOVE;
	if (real != (double)(uint64_t)real)
		return NUMBER_OTHER;
	*ret_number = (uint64_t)real;
	return NUMBER_WHOLE;
}

static enum number_kind whole_of(yyjson_val *value, uint64_t *ret_number)
{
	if (yyjson_is_real(value))
		return whole_of_real(yyjson_get_real(value), ret_number);
	if (!yyjson_is_int(value))
		return NUMBER_OTHER;
	if (yyjson_is_sint(value) && yyjson_get_sint(value) < 0)
		return NUMBER_BELOW;
	*ret_number = yyjson_get_uint(value);
	return NUMBER_WHOLE;
}

int json_get_u64(struct yyjson_val *value, const char *path, uint64_t least, uint64_t most,
		 uint64_t *ret_number, struct err *err)
{
	uint64_t number = 0;
	enum number_kind kind = whole_of(value, &number);

	if (kind == NUMBER_WHOLE && number >= least && number <= most) {
		*ret_number = number;
		return 0;
	}
	if (kind == NUMBER_ABOVE || (kind == NUMBER_WHOLE && number > most))
		return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
				 "'%s' may be at most %" PRIu64 ".", path, most);
	if (kind == NUMBER_BELOW || kind == NUMBER_WHOLE)
		return err_limit(err, ERR_INVALID_FIELD, path, least,
				 "'%s' must be at least %" PRIu64 ".", path, least);
	return err_limit(err, ERR_INVALID_FIELD, path, most,
			 "'%s' must be a whole number from %" PRIu64 " to %" PRIu64 ", not %s.",
			 path, least, most,
			 yyjson_is_real(value) ? "a fraction" : type_name(value));
}

int json_get_real(struct yyjson_val *value, const char *path, double least, double most,
		  double *ret_number, struct err *err)
{
	double number = yyjson_get_num(value);

	if (!yyjson_is_num(value))
		return json_wrong_type(value, path, "a number", err);
	if (!(number >= least && number <= most))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' must be from %g to %g.", path,
				 least, most);
	*ret_number = number;
	return 0;
}
