/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What FastAPI (0.111 or newer: without "url") with pydantic 2 says of a body that is not what the
 * model wants: all of it, in the order of the model's fields. Its kinds and words are in
 * https://docs.pydantic.dev/latest/errors/validation_errors/
 */
#include <math.h>
#include <yyjson.h>

#include "api/nadoo.h"

/* A value that a client sent comes back in the answer up to this; all that is wrong up to that. */
#define INPUT_BYTES_MAX 2048
#define TOTAL_BYTES_MAX 8192

struct check {
	struct json_writer *w; /* NULL: only count */
	unsigned count;
	bool batch;
	size_t item; /* of a batch */
};

struct place {
	const char *field; /* NULL: the body, or the item of a batch */
	const char *key;   /* of environment; NULL: none */
};

static void put_place(const struct check *check, struct place place)
{
	struct json_writer *w = check->w;

	json_array_open(w, "loc");
	json_put_text(w, NULL, "body");
	if (check->batch)
		json_put_u64(w, NULL, check->item);
	if (place.field)
		json_put_text(w, NULL, place.field);
	if (place.key)
		json_put_text(w, NULL, place.key);
	json_array_close(w);
}

/* One that is too long to come back is left out. */
static void put_input(struct json_writer *w, yyjson_val *value)
{
	_buf_finish_ struct buf text;
	struct json_writer own;

	buf_init(&text, INPUT_BYTES_MAX);
	json_writer_init(&own, &text);
	json_put_value(&own, NULL, value);
	if (own.rc == 0)
		json_put_json(w, "input", buf_slice(&text));
}

static void report(struct check *check, struct place place, const char *type, const char *words,
		   yyjson_val *input)
{
	struct json_writer *w = check->w;

	check->count++;
	if (!w || w->out->len > TOTAL_BYTES_MAX)
		return;
	json_object_open(w, NULL);
	json_put_text(w, "type", type);
	put_place(check, place);
	json_put_text(w, "msg", words);
	put_input(w, input);
	json_object_close(w);
}

static void check_text(struct check *check, struct place place, yyjson_val *value)
{
	if (!yyjson_is_str(value))
		report(check, place, "string_type", "Input should be a valid string", value);
}

/* Digits, as int() takes them, and zeros behind a point. */
static bool is_number_text(const char *text)
{
	text += strspn(text, " \t\n\r\f\v");
	text += *text == '-' || *text == '+';
	size_t digits = strspn(text, "0123456789");
	text += digits;
	if (digits && *text == '.')
		text += 1 + strspn(text + 1, "0");
	text += strspn(text, " \t\n\r\f\v");
	return digits && *text == '\0';
}

/* Lax mode: numbers without a fraction, their text, and truth values are integers too. */
static void check_integer(struct check *check, struct place place, yyjson_val *value)
{
	if (yyjson_is_real(value) && trunc(yyjson_get_real(value)) != yyjson_get_real(value))
		report(check, place, "int_from_float",
		       "Input should be a valid integer, got a number with a fractional part",
		       value);
	else if (yyjson_is_str(value) && !is_number_text(yyjson_get_str(value)))
		report(check, place, "int_parsing",
		       "Input should be a valid integer, unable to parse string as an integer",
		       value);
	else if (yyjson_is_ctn(value))
		report(check, place, "int_type", "Input should be a valid integer", value);
}

static void check_texts(struct check *check, struct place place, yyjson_val *value)
{
	yyjson_obj_iter it = yyjson_obj_iter_with(value);

	if (!yyjson_is_obj(value)) {
		report(check, place, "dict_type", "Input should be a valid dictionary", value);
		return;
	}
	for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
		place.key = yyjson_get_str(key);
		check_text(check, place, yyjson_obj_iter_get_val(key));
	}
}

static const struct {
	const char *name;
	bool required;
	void (*check)(struct check *check, struct place place, yyjson_val *value);
} fields[] = {
    {"code", true, check_text},	       {"language", true, check_text},
    {"stdin", false, check_text},      {"environment", false, check_texts},
    {"timeout", false, check_integer}, {"session_id", false, check_text},
};

static void check_request(struct check *check, yyjson_val *request)
{
	if (!yyjson_is_obj(request)) {
		report(check, (struct place){0}, "model_attributes_type",
		       "Input should be a valid dictionary or object to extract fields from",
		       request);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		yyjson_val *value = yyjson_obj_get(request, fields[i].name);
		struct place place = {.field = fields[i].name};

		if (!value && fields[i].required)
			report(check, place, "missing", "Field required", request);
		else if (value && (fields[i].required || !yyjson_is_null(value)))
			fields[i].check(check, place, value);
	}
}

static void check_batch(struct check *check, yyjson_val *body)
{
	yyjson_arr_iter it = yyjson_arr_iter_with(body);

	if (!yyjson_is_arr(body)) {
		check->batch = false;
		report(check, (struct place){0}, "list_type", "Input should be a valid list", body);
		return;
	}
	for (yyjson_val *item; (item = yyjson_arr_iter_next(&it)); check->item++)
		check_request(check, item);
}

unsigned nadoo_check(yyjson_val *body, bool batch, struct json_writer *w)
{
	struct check check = {.w = w};

	if (!body || yyjson_is_null(body)) {
		report(&check, (struct place){0}, "missing", "Field required", NULL);
	} else if (batch) {
		check.batch = true;
		check_batch(&check, body);
	} else {
		check_request(&check, body);
	}
	return check.count;
}
