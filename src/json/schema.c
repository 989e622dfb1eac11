/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every word is a row: what its own value must be, and what it says of a value. Recursion is as
 * deep as the texts, which the parser bounds.
 */
#include "json/schema.h"

#include <stdio.h>
#include <yyjson.h>

#include "base/util.h"
#include "json/value.h"

/* What is compared, and where it is. */
struct subject {
	yyjson_val *schema; /* all of it: words may need others beside them */
	yyjson_val *value;
	const char *path;
};

typedef int validate_fn(yyjson_val *word, const char *path, struct err *err);
typedef int check_fn(yyjson_val *word, const struct subject *of, struct err *err);

static int refuse(const char *path, const char *what, struct err *err)
{
	return err_field(err, ERR_INVALID_FIELD, path, "'%s' %s.", path, what);
}

static const char *key_path(char out[static JSON_PATH_BYTES], const char *path, yyjson_val *key)
{
	json_path_key(out, path, (struct slice){yyjson_get_str(key), yyjson_get_len(key)});
	return out;
}

static const char *item_path(char out[static JSON_PATH_BYTES], const char *path, size_t index)
{
	json_path_index(out, path, index);
	return out;
}

/* --- numbers --- */

static long double number_of(yyjson_val *value)
{
	if (yyjson_is_uint(value))
		return (long double)yyjson_get_uint(value);
	if (yyjson_is_sint(value))
		return (long double)yyjson_get_sint(value);
	return (long double)yyjson_get_real(value);
}

static int is_number(yyjson_val *word, const char *path, struct err *err)
{
	return yyjson_is_num(word) ? 0 : json_wrong_type(word, path, "a number", err);
}

static int is_count(yyjson_val *word, const char *path, struct err *err)
{
	uint64_t number;

	return json_get_u64(word, path, 0, UINT64_MAX, &number, err);
}

static int check_minimum(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_num(of->value) || number_of(of->value) >= number_of(word))
		return 0;
	return refuse(of->path, "is below the minimum", err);
}

static int check_maximum(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_num(of->value) || number_of(of->value) <= number_of(word))
		return 0;
	return refuse(of->path, "is above the maximum", err);
}

static int check_above(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_num(of->value) || number_of(of->value) > number_of(word))
		return 0;
	return refuse(of->path, "is not above the exclusive minimum", err);
}

static int check_below(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_num(of->value) || number_of(of->value) < number_of(word))
		return 0;
	return refuse(of->path, "is not below the exclusive maximum", err);
}

/* --- lengths --- */

/* Of a string its characters, not its bytes. */
static size_t characters_of(yyjson_val *value)
{
	const char *text = yyjson_get_str(value);
	size_t count = 0;

	for (size_t i = 0; i < yyjson_get_len(value); i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	return count;
}

static int check_min_length(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_str(of->value) || (long double)characters_of(of->value) >= number_of(word))
		return 0;
	return refuse(of->path, "is too short", err);
}

static int check_max_length(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_str(of->value) || (long double)characters_of(of->value) <= number_of(word))
		return 0;
	return refuse(of->path, "is too long", err);
}

static int check_min_items(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_arr(of->value) || (long double)yyjson_arr_size(of->value) >= number_of(word))
		return 0;
	return refuse(of->path, "has too few elements", err);
}

static int check_max_items(yyjson_val *word, const struct subject *of, struct err *err)
{
	if (!yyjson_is_arr(of->value) || (long double)yyjson_arr_size(of->value) <= number_of(word))
		return 0;
	return refuse(of->path, "has too many elements", err);
}

/* --- types --- */

/* 1.0 is an integer too (2020-12, 6.1.1). */
static bool is_whole(yyjson_val *value)
{
	double real = yyjson_get_real(value);

	return yyjson_is_int(value) || (yyjson_is_real(value) && real - __builtin_floor(real) == 0);
}

static bool is_text(yyjson_val *value)
{
	return yyjson_is_str(value);
}

static bool is_any_number(yyjson_val *value)
{
	return yyjson_is_num(value);
}

static bool is_truth(yyjson_val *value)
{
	return yyjson_is_bool(value);
}

static bool is_object(yyjson_val *value)
{
	return yyjson_is_obj(value);
}

static bool is_array(yyjson_val *value)
{
	return yyjson_is_arr(value);
}

static bool is_null(yyjson_val *value)
{
	return yyjson_is_null(value);
}

static const struct {
	const char *name;
	bool (*is)(yyjson_val *value);
} types[] = {
    {"string", is_text},   {"number", is_any_number}, {"integer", is_whole}, {"boolean", is_truth},
    {"object", is_object}, {"array", is_array},	      {"null", is_null},
};

static bool is_type_name(yyjson_val *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (yyjson_equals_str(name, types[i].name))
			return true;
	return false;
}

static bool is_of_type(yyjson_val *value, yyjson_val *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (yyjson_equals_str(name, types[i].name))
			return types[i].is(value);
	return false;
}

static int is_type(yyjson_val *word, const char *path, struct err *err)
{
	size_t i, count;
	yyjson_val *name;
	bool good = yyjson_is_arr(word) ? yyjson_arr_size(word) > 0 : is_type_name(word);

	yyjson_arr_foreach(word, i, count, name) good = good && is_type_name(name);
	return good ? 0 : refuse(path, "must name types of JSON", err);
}

static int check_type(yyjson_val *word, const struct subject *of, struct err *err)
{
	size_t i, count;
	yyjson_val *name;
	char what[96];

	if (is_of_type(of->value, word))
		return 0;
	yyjson_arr_foreach(word, i, count, name) if (is_of_type(of->value, name)) return 0;
	snprintf(what, sizeof(what), "must be of type %s",
		 yyjson_is_str(word) ? yyjson_get_str(word) : "that the schema lists");
	return refuse(of->path, what, err);
}

/* --- values --- */

static int is_anything(yyjson_val *word _unused_, const char *path _unused_,
		       struct err *err _unused_)
{
	return 0;
}

static int is_list(yyjson_val *word, const char *path, struct err *err)
{
	return yyjson_is_arr(word) ? 0 : json_wrong_type(word, path, "an array", err);
}

/* 1 and 1.0 are the same number. */
static bool is_equal(yyjson_val *a, yyjson_val *b)
{
	if (yyjson_is_num(a) && yyjson_is_num(b))
		return number_of(a) == number_of(b);
	return yyjson_equals(a, b);
}

static int check_const(yyjson_val *word, const struct subject *of, struct err *err)
{
	return is_equal(word, of->value) ? 0
					 : refuse(of->path, "is not the one allowed value", err);
}

static int check_enum(yyjson_val *word, const struct subject *of, struct err *err)
{
	size_t i, count;
	yyjson_val *allowed;

	yyjson_arr_foreach(word, i, count, allowed) if (is_equal(allowed, of->value)) return 0;
	return refuse(of->path, "is none of the allowed values", err);
}

/* --- objects and arrays --- */

static int are_schemas(yyjson_val *word, const char *path, struct err *err)
{
	char below[JSON_PATH_BYTES];
	size_t i, count;
	yyjson_val *key, *schema;
	int rc = yyjson_is_obj(word) ? 0 : json_wrong_type(word, path, "an object", err);

	yyjson_obj_foreach(word, i, count, key, schema) if (rc == 0) rc =
	    json_schema_validate(schema, key_path(below, path, key), err);
	return rc;
}

static int check_properties(yyjson_val *word, const struct subject *of, struct err *err)
{
	char below[JSON_PATH_BYTES];
	size_t i, count;
	yyjson_val *key, *schema;
	int rc = 0;

	yyjson_obj_foreach(word, i, count, key, schema)
	{
		yyjson_val *value =
		    yyjson_obj_getn(of->value, yyjson_get_str(key), yyjson_get_len(key));
		if (rc == 0 && value)
			rc = json_schema_check(schema, value, key_path(below, of->path, key), err);
	}
	return rc;
}

static int check_others(yyjson_val *word, const struct subject *of, struct err *err)
{
	yyjson_val *known = yyjson_obj_get(of->schema, "properties"), *key, *value;
	char below[JSON_PATH_BYTES];
	size_t i, count;
	int rc = 0;

	yyjson_obj_foreach(
	    of->value, i, count, key,
	    value) if (rc == 0 && !yyjson_obj_getn(known, yyjson_get_str(key), yyjson_get_len(key)))
	    rc = json_schema_check(word, value, key_path(below, of->path, key), err);
	return rc;
}

static int are_names(yyjson_val *word, const char *path, struct err *err)
{
	size_t i, count;
	yyjson_val *name;
	bool good = yyjson_is_arr(word);

	yyjson_arr_foreach(word, i, count, name) good = good && yyjson_is_str(name);
	return good ? 0 : refuse(path, "must be an array of names", err);
}

static int check_required(yyjson_val *word, const struct subject *of, struct err *err)
{
	char below[JSON_PATH_BYTES];
	size_t i, count;
	yyjson_val *name;

	if (!yyjson_is_obj(of->value))
		return 0;
	yyjson_arr_foreach(
	    word, i, count,
	    name) if (!yyjson_obj_getn(of->value, yyjson_get_str(name),
				       yyjson_get_len(
					   name))) return refuse(key_path(below, of->path, name),
								 "is missing", err);
	return 0;
}

static int check_items(yyjson_val *word, const struct subject *of, struct err *err)
{
	char below[JSON_PATH_BYTES];
	size_t i, count;
	yyjson_val *value;
	int rc = 0;

	yyjson_arr_foreach(of->value, i, count, value) if (rc == 0) rc =
	    json_schema_check(word, value, item_path(below, of->path, i), err);
	return rc;
}

static int check_nothing(yyjson_val *word _unused_, const struct subject *of _unused_,
			 struct err *err _unused_)
{
	return 0;
}

/* --- the words --- */

static const struct word {
	const char *name;
	validate_fn *validate;
	check_fn *check;
} words[] = {
    {"type", is_type, check_type},
    {"enum", is_list, check_enum},
    {"const", is_anything, check_const},
    {"properties", are_schemas, check_properties},
    {"required", are_names, check_required},
    {"additionalProperties", json_schema_validate, check_others},
    {"items", json_schema_validate, check_items},
    {"minimum", is_number, check_minimum},
    {"maximum", is_number, check_maximum},
    {"exclusiveMinimum", is_number, check_above},
    {"exclusiveMaximum", is_number, check_below},
    {"minLength", is_count, check_min_length},
    {"maxLength", is_count, check_max_length},
    {"minItems", is_count, check_min_items},
    {"maxItems", is_count, check_max_items},
    /* they describe */
    {"title", is_anything, check_nothing},
    {"description", is_anything, check_nothing},
    {"default", is_anything, check_nothing},
    {"examples", is_anything, check_nothing},
    {"format", is_anything, check_nothing}, /* an annotation, 2020-12, 7.2.1 */
    {"deprecated", is_anything, check_nothing},
    {"readOnly", is_anything, check_nothing},
    {"writeOnly", is_anything, check_nothing},
    {"$schema", is_anything, check_nothing},
    {"$id", is_anything, check_nothing},
    {"$comment", is_anything, check_nothing},
};

static const struct word *find_word(yyjson_val *name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (yyjson_equals_str(name, words[i].name))
			return &words[i];
	return NULL;
}

int json_schema_validate(struct yyjson_val *schema, const char *path, struct err *err)
{
	char below[JSON_PATH_BYTES];
	size_t i, count;
	yyjson_val *name, *value;

	if (yyjson_is_bool(schema))
		return 0;
	if (!yyjson_is_obj(schema))
		return json_wrong_type(schema, path, "a schema", err);
	yyjson_obj_foreach(schema, i, count, name, value)
	{
		const struct word *word = find_word(name);
		key_path(below, path, name);
		int rc =
		    word ? word->validate(value, below, err)
			 : refuse(below, "is a word of JSON Schema that this server does not check",
				  err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int json_schema_check(struct yyjson_val *schema, struct yyjson_val *value, const char *path,
		      struct err *err)
{
	const struct subject subject = {schema, value, path};
	size_t i, count;
	yyjson_val *name, *of;

	if (yyjson_is_false(schema))
		return refuse(path, "is not allowed here", err);
	yyjson_obj_foreach(schema, i, count, name, of)
	{
		const struct word *word = find_word(name);
		int rc = word ? word->check(of, &subject, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}
