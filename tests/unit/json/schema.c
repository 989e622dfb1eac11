/* SPDX-License-Identifier: Apache-2.0 */
/* Which schemas are taken, and what they say of values; sentences of JSON Schema 2020-12. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/util.h"
#include "json/json.h"
#include "json/schema.h"

static struct yyjson_doc *parse(const char *text)
{
	struct yyjson_doc *doc = NULL;
	struct err err;

	if (json_parse(&doc, slice_from(text), &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return doc;
}

static const char *const good_schemas[] = {
    "{}",
    "true",
    "false",
    "{\"type\":[\"string\",\"null\"]}",
    "{\"title\":1,\"format\":\"date\",\"$schema\":\"x\"}",
    "{\"properties\":{\"a\":{\"items\":{\"minimum\":1.5}},\"pattern\":{}},\"required\":[],"
    "\"additionalProperties\":false}",
};

static const struct {
	const char *schema, *field;
} bad_schemas[] = {
    {"[]", "s"},
    {"null", "s"},
    {"{\"pattern\":\"a\"}", "s.pattern"},
    {"{\"oneOf\":[]}", "s.oneOf"},
    {"{\"type\":\"text\"}", "s.type"},
    {"{\"type\":[]}", "s.type"},
    {"{\"type\":[\"string\",1]}", "s.type"},
    {"{\"minimum\":\"1\"}", "s.minimum"},
    {"{\"minLength\":-1}", "s.minLength"},
    {"{\"required\":[1]}", "s.required"},
    {"{\"required\":\"a\"}", "s.required"},
    {"{\"properties\":[]}", "s.properties"},
    {"{\"properties\":{\"a\":{\"$ref\":\"#\"}}}", "s.properties.a.$ref"},
    {"{\"items\":[{}]}", "s.items"},
    {"{\"enum\":1}", "s.enum"},
};

static const struct {
	const char *schema, *value, *field; /* NULL: it is as the schema says */
} values[] = {
    {"{}", "null", NULL},
    {"true", "1", NULL},
    {"false", "1", "v"},
    {"{\"type\":\"integer\"}", "1.0", NULL},
    {"{\"type\":\"integer\"}", "1.5", "v"},
    {"{\"type\":\"integer\"}", "1e300", NULL},
    {"{\"type\":\"number\"}", "true", "v"},
    {"{\"type\":\"boolean\"}", "0", "v"},
    {"{\"type\":[\"string\",\"null\"]}", "null", NULL},
    {"{\"type\":[\"string\",\"null\"]}", "[]", "v"},
    {"{\"const\":1}", "1.0", NULL},
    {"{\"const\":{\"a\":[1,2]}}", "{\"a\":[1,2]}", NULL},
    {"{\"const\":{\"a\":[1,2]}}", "{\"a\":[2,1]}", "v"},
    {"{\"enum\":[\"a\",2]}", "2", NULL},
    {"{\"enum\":[\"a\",2]}", "\"2\"", "v"},
    {"{\"enum\":[]}", "1", "v"},
    {"{\"minimum\":1,\"maximum\":2}", "1", NULL},
    {"{\"minimum\":1,\"maximum\":2}", "2.0000001", "v"},
    {"{\"minimum\":1}", "0", "v"},
    {"{\"minimum\":1}", "\"0\"", NULL},
    {"{\"maximum\":18446744073709551614}", "18446744073709551615", "v"},
    {"{\"exclusiveMinimum\":1}", "1", "v"},
    {"{\"exclusiveMaximum\":1}", "1", "v"},
    {"{\"minLength\":2,\"maxLength\":2}", "\"\\u00e9\\ud83d\\ude00\"", NULL},
    {"{\"minLength\":3}", "\"\\u00e9\\ud83d\\ude00\"", "v"},
    {"{\"maxLength\":1}", "\"ab\"", "v"},
    {"{\"minItems\":1}", "[]", "v"},
    {"{\"maxItems\":1}", "[1,2]", "v"},
    {"{\"items\":{\"type\":\"string\"}}", "[\"a\",1]", "v[1]"},
    {"{\"items\":{\"type\":\"string\"}}", "{}", NULL},
    {"{\"required\":[\"a\"]}", "{}", "v.a"},
    {"{\"required\":[\"a\"]}", "[]", NULL},
    {"{\"properties\":{\"a\":{\"properties\":{\"b\":{\"type\":\"string\"}}}}}", "{\"a\":{\"b\":1}}",
     "v.a.b"},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1}", NULL},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1,\"b\":2}", "v.b"},
    {"{\"additionalProperties\":{\"type\":\"string\"}}", "{\"b\":2}", "v.b"},
    {"{\"properties\":{\"a\":false}}", "{\"a\":1}", "v.a"},
};

static void schemas_of_known_words_are_taken(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(good_schemas); i++) {
		struct yyjson_doc *doc = parse(good_schemas[i]);
		struct err err = {0};
		if (json_schema_validate(json_root(doc), "s", &err) != 0)
			fail_msg("%s: %s", good_schemas[i], err.text);
		json_free(doc);
	}
}

static void other_words_and_wrong_values_are_named(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_schemas); i++) {
		struct yyjson_doc *doc = parse(bad_schemas[i].schema);
		struct err err = {0};
		if (json_schema_validate(json_root(doc), "s", &err) != -ERR_INVALID_FIELD)
			fail_msg("%s was taken", bad_schemas[i].schema);
		assert_string_equal(err.field, bad_schemas[i].field);
		json_free(doc);
	}
}

static void values_are_as_the_schema_says_or_named(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct yyjson_doc *schema = parse(values[i].schema),
				  *value = parse(values[i].value);
		struct err err = {0};
		int rc = json_schema_check(json_root(schema), json_root(value), "v", &err);
		if ((rc == 0) != !values[i].field)
			fail_msg("%s of %s: %d %s", values[i].schema, values[i].value, rc,
				 err.text);
		if (values[i].field)
			assert_string_equal(err.field, values[i].field);
		json_free(schema);
		json_free(value);
	}
}

static void without_a_schema_anything_is_good(void **state _unused_)
{
	struct yyjson_doc *value = parse("[1]");

	assert_int_equal(json_schema_check(NULL, json_root(value), "v", NULL), 0);
	json_free(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(schemas_of_known_words_are_taken),
	    cmocka_unit_test(other_words_and_wrong_values_are_named),
	    cmocka_unit_test(values_are_as_the_schema_says_or_named),
	    cmocka_unit_test(without_a_schema_anything_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
