/* SPDX-License-Identifier: Apache-2.0 */
/* What the native dialect says; read back by yyjson. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <yyjson.h>

#include "json/json.h"
#include "world.h"

#define BODY_BYTES_MAX (64 * MIB)

static const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};

static struct job_spec spec_of(unsigned runtime, enum output_encoding encoding)
{
	return (struct job_spec){
	    .runtime = &world_runtimes.runtimes[runtime],
	    .version = &world_runtimes.runtimes[runtime].versions[0],
	    .engine = ENGINE_NATIVE,
	    .output_encoding = encoding,
	};
}

static void set_output(struct buf *buf, struct slice bytes)
{
	buf_init(buf, BODY_BYTES_MAX);
	assert_int_equal(buf_append(buf, bytes.data, bytes.len), 0);
}

static void result_finish(struct job_result *result)
{
	buf_finish(&result->run.out);
	buf_finish(&result->run.err);
	buf_finish(&result->compile.out);
	buf_finish(&result->compile.err);
}

/* want is JSON with ' in place of ", to be readable here. */
static void check_text(struct buf *out, const char *want)
{
	_free_ char *text = strdup(want);

	for (char *at = text; (at = strchr(at, '\''));)
		*at = '"';
	assert_string_equal(buf_c_str(out), text);
}

static void check_result(const struct job_spec *spec, const struct job_result *result,
			 const char *want)
{
	_buf_finish_ struct buf out;

	buf_init(&out, BODY_BYTES_MAX);
	dialect_native.encode_result(&out, spec, result);
	check_text(&out, want);
}

static void test_ok(void **state)
{
	struct job_spec spec = spec_of(2, OUTPUT_TEXT);
	struct job_result result = {
	    .id = "exe_1",
	    .status = RUN_STATUS_OK,
	    .run = {.present = true,
		    .status = RUN_STATUS_OK,
		    .started = true,
		    .has_exit_code = true,
		    .wall_ns = 12345678,
		    .cpu_ns = 9000999,
		    .memory_peak_bytes = 9876543},
	};

	(void)state;
	set_output(&result.run.out, SLICE_LITERAL("a\xFF\n"));
	set_output(&result.run.err, SLICE_LITERAL(""));
	check_result(
	    &spec, &result,
	    "{'id':'exe_1','language':'python','version':'3.13.5','engine':'native',"
	    "'status':'ok','stdout':'a\xEF\xBF\xBD\\n','stderr':'','exit_code':0,'signal':null,"
	    "'started':true,'stdout_truncated':false,'stderr_truncated':false,'output_encoding':'"
	    "text',"
	    "'wall_time_ms':12.345,'cpu_time_ms':9.000,'memory_peak_bytes':9876543}");
	result_finish(&result);
}

static void test_signal_and_truncation(void **state)
{
	struct job_spec spec = spec_of(2, OUTPUT_BASE64);
	struct job_result result = {
	    .id = "exe_2",
	    .status = RUN_STATUS_OUTPUT_LIMIT,
	    .run = {.present = true,
		    .started = true,
		    .signal = SIGKILL,
		    .out_truncated = true,
		    .wall_ns = 999},
	};

	(void)state;
	set_output(&result.run.out, SLICE_LITERAL("\xFF\0"));
	set_output(&result.run.err, SLICE_LITERAL("foo"));
	check_result(&spec, &result,
		     "{'id':'exe_2','language':'python','version':'3.13.5','engine':'native',"
		     "'status':'output_limit','stdout':'/"
		     "wA=','stderr':'Zm9v','exit_code':null,'signal':'SIGKILL',"
		     "'started':true,'stdout_truncated':true,'stderr_truncated':false,'output_"
		     "encoding':'base64',"
		     "'wall_time_ms':0.000,'cpu_time_ms':0.000,'memory_peak_bytes':0}");
	result_finish(&result);
}

static void test_compile_error(void **state)
{
	struct job_spec spec = spec_of(0, OUTPUT_TEXT);
	struct job_result result = {
	    .id = "exe_3",
	    .status = RUN_STATUS_COMPILE_ERROR,
	    .compile = {.present = true,
			.status = RUN_STATUS_COMPILE_ERROR,
			.started = true,
			.has_exit_code = true,
			.exit_code = 1,
			.wall_ns = 5 * NS_PER_SEC,
			.cpu_ns = 1000,
			.memory_peak_bytes = 1},
	};

	(void)state;
	set_output(&result.compile.err, SLICE_LITERAL("main.c:1: error"));
	check_result(
	    &spec, &result,
	    "{'id':'exe_3','language':'c','version':'14.2.0','engine':'native',"
	    "'status':'compile_error','stdout':'','stderr':'','exit_code':null,'signal':null,"
	    "'started':false,'stdout_truncated':false,'stderr_truncated':false,'output_encoding':'"
	    "text',"
	    "'wall_time_ms':0.000,'cpu_time_ms':0.000,'memory_peak_bytes':0,'compile':{'status':"
	    "'compile_error','cached':false,'stdout':'','stderr':'main.c:1: error','exit_code':1,'signal':null,"
	    "'started':true,'stdout_truncated':false,'stderr_truncated':false,'wall_time_ms':5000."
	    "000,"
	    "'cpu_time_ms':0.001,'memory_peak_bytes':1}}");
	result_finish(&result);
}

static void test_message_only_when_there_is_one(void **state)
{
	struct job_spec spec = spec_of(2, OUTPUT_TEXT);
	struct job_result result = {
	    .id = "exe_4", .status = RUN_STATUS_ERROR, .run = {.present = true}};
	_buf_finish_ struct buf out;

	(void)state;
	strcpy(result.run.note, "The program could not be started: Exec format error.");
	buf_init(&out, BODY_BYTES_MAX);
	dialect_native.encode_result(&out, &spec, &result);
	assert_non_null(strstr(buf_c_str(&out),
			       "\"memory_peak_bytes\":0,\"message\":\"The program could not be "
			       "started: Exec format error.\"}"));
}

static uint64_t random_state = 2463534242u;

static uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void random_output(struct buf *buf, size_t len)
{
	buf_init(buf, BODY_BYTES_MAX);
	for (size_t i = 0; i < len; i++) {
		char byte = (char)(random_next() >> 16);
		buf_append(buf, &byte, 1);
	}
}

/* Base64 gives back every byte, text what was UTF-8 and something that is for the rest. */
static void check_round_trip(yyjson_val *root, const char *key, struct buf *sent, bool base64)
{
	yyjson_val *value = yyjson_obj_get(root, key);
	struct slice text = {yyjson_get_str(value), yyjson_get_len(value)}, back = text;
	struct arena *arena = arena_create(BODY_BYTES_MAX);

	assert_non_null(text.data);
	if (base64)
		assert_int_equal(json_base64_decode(arena, text, key, &back, NULL), 0);
	if (base64 || json_utf8_valid(buf_slice(sent)))
		assert_true(slice_equal(back, buf_slice(sent)));
	else
		assert_true(json_utf8_valid(back) && back.len >= sent->len);
	arena_destroy(arena);
}

static void test_random_bytes(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		bool base64 = round % 2, compiled = round % 3 == 0;
		struct job_spec spec =
		    spec_of(compiled ? 0 : 2, base64 ? OUTPUT_BASE64 : OUTPUT_TEXT);
		struct job_result result = {
		    .id = "exe_5", .status = (enum run_status)(random_next() % RUN_STATUS_COUNT)};
		_buf_finish_ struct buf out;

		random_output(&result.run.out, random_next() % (round % 100 ? 8 : 5000));
		random_output(&result.run.err, random_next() % 300);
		result.run.wall_ns = random_next();
		result.run.signal = (int)(random_next() % 200) - 50;
		result.compile.present = compiled;
		buf_init(&out, BODY_BYTES_MAX);
		dialect_native.encode_result(&out, &spec, &result);
		yyjson_doc *doc = yyjson_read(out.data, out.len, 0);
		assert_non_null(doc);
		yyjson_val *root = yyjson_doc_get_root(doc);
		assert_true(yyjson_equals_str(yyjson_obj_get(root, "status"),
					      run_status_name(result.status)));
		assert_int_equal(yyjson_obj_get(root, "compile") != NULL, compiled);
		check_round_trip(root, "stdout", &result.run.out, base64);
		check_round_trip(root, "stderr", &result.run.err, base64);
		yyjson_doc_free(doc);
		result_finish(&result);
	}
}

static void test_nothing_instead_of_half(void **state)
{
	struct job_spec spec = spec_of(2, OUTPUT_TEXT);
	struct job_result result = {.id = "exe_6"};

	(void)state;
	for (size_t ceiling = 0; ceiling < 400; ceiling++) {
		_buf_finish_ struct buf out;
		buf_init(&out, ceiling);
		dialect_native.encode_result(&out, &spec, &result);
		assert_true(out.len == 0 || out.data[out.len - 1] == '}');
	}
}

struct error_case {
	struct err err;
	const char *request_id, *want;
};

static const struct error_case error_cases[] = {
    {{.code = ERR_LIMIT_EXCEEDED,
      .field = "limits.processes",
      .has_limit = true,
      .limit = 512,
      .text = "No."},
     "req_1",
     "{'error':{'code':'limit_exceeded','message':'No.','field':'limits.processes','limit':512,"
     "'retryable':false,'request_id':'req_1'}}"},
    {{.code = ERR_QUEUE_FULL},
     "req_2",
     "{'error':{'code':'queue_full','message':'All run places and the queue are taken.',"
     "'retryable':true,'request_id':'req_2'}}"},
    {{.code = ERR_INVALID_FIELD, .field = "env.\xE2\x82", .text = "\"\n"},
     NULL,
     "{'error':{'code':'invalid_field','message':'\\'\\n','field':'env.\xEF\xBF\xBD',"
     "'retryable':false,'request_id':null}}"},
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
		_buf_finish_ struct buf out;
		buf_init(&out, 4096);
		dialect_native.encode_error(&out, &error_cases[i].err, error_cases[i].request_id);
		check_text(&out, error_cases[i].want);
	}
}

static void test_runtimes(void **state)
{
	_buf_finish_ struct buf out;

	(void)state;
	buf_init(&out, BODY_BYTES_MAX);
	dialect_native.encode_runtimes(&out, &api);
	yyjson_doc *doc = yyjson_read(out.data, out.len, 0);
	yyjson_val *root = yyjson_doc_get_root(doc), *c = yyjson_arr_get(root, 0),
		   *python = yyjson_arr_get(root, 2);

	assert_int_equal(yyjson_arr_size(root), 3);
	assert_true(yyjson_equals_str(yyjson_obj_get(c, "id"), "c"));
	assert_true(yyjson_get_bool(yyjson_obj_get(c, "compiled")));
	assert_false(yyjson_get_bool(yyjson_obj_get(python, "compiled")));
	assert_int_equal(yyjson_arr_size(yyjson_obj_get(yyjson_arr_get(root, 1), "versions")), 0);
	assert_true(yyjson_equals_str(yyjson_ptr_get(python, "/versions/1/version"), "3.11.2"));
	assert_true(yyjson_equals_str(yyjson_ptr_get(python, "/versions/1/image"), "old"));
	assert_true(
	    yyjson_equals_str(yyjson_ptr_get(python, "/versions/1/provider"), "Python of old"));
	assert_null(yyjson_ptr_get(python, "/versions/0/provider"));
	assert_true(
	    yyjson_equals_str(yyjson_ptr_get(root, "/0/versions/0/flags/2"), "-std={c99,c11}"));
	assert_true(
	    yyjson_equals_str(yyjson_ptr_get(root, "/0/versions/0/packages/0"), "gcc 4:14.2.0-1"));
	assert_true(yyjson_equals_str(yyjson_ptr_get(python, "/aliases/0"), "py"));
	assert_true(yyjson_equals_str(yyjson_ptr_get(python, "/engines/0"), "native"));
	assert_int_equal(yyjson_arr_size(yyjson_obj_get(python, "engines")), 1);
	assert_true(yyjson_equals_str(yyjson_ptr_get(python, "/file_name"), "main.py"));
	assert_int_equal(yyjson_get_uint(yyjson_ptr_get(python, "/limits/memory_bytes/minimum")),
			 16 * MIB);
	assert_int_equal(yyjson_get_uint(yyjson_ptr_get(python, "/limits/memory_bytes/default")),
			 512 * MIB);
	assert_int_equal(yyjson_get_uint(yyjson_ptr_get(python, "/limits/memory_bytes/maximum")),
			 2 * GIB);
	assert_int_equal(yyjson_obj_size(yyjson_obj_get(python, "limits")), 11);
	assert_true(yyjson_equals_str(yyjson_ptr_get(python, "/hello/output"), "Hello\n"));
	yyjson_doc_free(doc);
}

static void test_signal_names(void **state)
{
	static const struct {
		int number;
		const char *name;
	} rows[] = {{SIGHUP, "SIGHUP"}, {SIGABRT, "SIGABRT"}, {SIGSEGV, "SIGSEGV"},
		    {SIGSYS, "SIGSYS"}, {SIGIO, "SIGIO"},     {32, "SIG32"},
		    {64, "SIG64"},	{127, "SIG127"},      {0, "unknown"},
		    {-1, "unknown"},	{1000000, "unknown"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(signal_name(rows[i].number), rows[i].name);
	for (int i = 1; i < 130; i++)
		assert_int_equal(strncmp(signal_name(i), "SIG", 3), 0);
}

static void test_status_names(void **state)
{
	(void)state;
	assert_string_equal(run_status_name(RUN_STATUS_OK), "ok");
	assert_string_equal(run_status_name(RUN_STATUS_COMPILE_TIMEOUT), "compile_timeout");
	assert_string_equal(run_status_name(RUN_STATUS_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ok),
	    cmocka_unit_test(test_signal_and_truncation),
	    cmocka_unit_test(test_compile_error),
	    cmocka_unit_test(test_message_only_when_there_is_one),
	    cmocka_unit_test(test_random_bytes),
	    cmocka_unit_test(test_nothing_instead_of_half),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_runtimes),
	    cmocka_unit_test(test_signal_names),
	    cmocka_unit_test(test_status_names),
	};

	return cmocka_run_group_tests_name("native encode", tests, NULL, NULL);
}
