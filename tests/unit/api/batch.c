/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a batch: what a test has from the whole, and what is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "api/batch.h"
#include "world.h"

static struct arena *arena;
static struct batch_request request;

static void must(const char *body)
{
	const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	arena_destroy(arena);
	arena = arena_create(64 * MIB);
	if (json_parse(&doc, slice_from(body), &err) < 0 ||
	    batch_decode(&api, json_root(doc), arena, &request, &err) < 0)
		fail_msg("%s: %s: %s", body, err.field, err.text);
	/* strings of the document are not looked at after this */
	json_free(doc);
}

static int teardown(void **state)
{
	(void)state;
	arena_destroy(arena);
	arena = NULL;
	return 0;
}

#define LIMITS(top, own)                                                                           \
	"{\"language\":\"python\",\"code\":\"\",\"limits\":{" top "},\"tests\":[{\"limits\":{" own \
	"}}]}"

static void wall_time_follows_cpu_time_unless_it_is_said(void **state)
{
	static const struct {
		const char *body;
		uint64_t cpu_ms, wall_ms;
	} rows[] = {
	    {LIMITS("", ""), 30000, 91000},
	    {LIMITS("\"cpu_time_ms\":1000", ""), 1000, 4000},
	    {LIMITS("\"cpu_time_ms\":1000", "\"cpu_time_ms\":2000"), 2000, 7000},
	    {LIMITS("\"wall_time_ms\":500", "\"cpu_time_ms\":2000"), 2000, 500},
	    {LIMITS("\"cpu_time_ms\":1000", "\"wall_time_ms\":10"), 1000, 10},
	    {LIMITS("\"wall_time_ms\":500", "\"wall_time_ms\":10"), 30000, 10},
	    {LIMITS("\"cpu_time_ms\":300000", ""), 300000, 300000}, /* the most there is */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		must(rows[i].body);
		assert_int_equal(request.tests[0].spec.limits.cpu_time_ms, rows[i].cpu_ms);
		assert_int_equal(request.tests[0].spec.limits.wall_time_ms, rows[i].wall_ms);
	}
}

static void a_test_has_what_the_whole_has_and_its_own(void **state)
{
	(void)state;
	must("{\"language\":\"python\",\"files\":{\"main.py\":\"1\",\"x\":\"\"},\"args\":[\"a\","
	     "\"b\"],"
	     "\"env\":{\"A\":\"1\",\"B\":\"2\"},\"stdin\":\"s\",\"tests\":["
	     "{},{\"args\":[\"c\"],\"env\":{\"B\":\"3\",\"C\":\"4\"},\"files\":{\"y\":\"\"},"
	     "\"stdin\":\"\"}]}");
	const struct job_spec *plain = &request.tests[0].spec, *own = &request.tests[1].spec;
	assert_int_equal(plain->arg_count, 2);
	assert_int_equal(plain->env_count, 2);
	assert_int_equal(plain->file_count, 2);
	assert_int_equal(plain->stdin_data.len, 1);
	assert_int_equal(own->arg_count, 1);
	assert_int_equal(own->env_count, 3);
	assert_int_equal(own->file_count, 3);
	assert_int_equal(own->stdin_data.len, 0);
	assert_int_equal(own->entry, plain->entry);
	assert_int_equal(request.tests[0].points, 1);
	assert_false(request.tests[0].has_expected);
}

static void who_compares(void **state)
{
	static const struct {
		const char *checker;
		enum compare_how how;
		double absolute, relative;
	} rows[] = {
	    {"\"exact\"", COMPARE_EXACT, 1e-6, 1e-6},
	    {"\"float\"", COMPARE_FLOAT, 1e-6, 1e-6},
	    {"{\"kind\":\"float\",\"absolute\":0.5}", COMPARE_FLOAT, 0.5, 0},
	    {"{\"kind\":\"float\",\"relative\":1}", COMPARE_FLOAT, 0, 1},
	    {"{\"kind\":\"tokens\"}", COMPARE_TOKENS, 1e-6, 1e-6},
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(body, sizeof(body),
			 "{\"language\":\"python\",\"code\":\"\",\"tests\":[{}],\"checker\":%s}",
			 rows[i].checker);
		must(body);
		assert_int_equal(request.rule.how, rows[i].how);
		assert_true(request.rule.absolute == rows[i].absolute &&
			    request.rule.relative == rows[i].relative);
	}
	must("{\"language\":\"python\",\"code\":\"\",\"tests\":[{}]}");
	assert_int_equal(request.rule.how, COMPARE_TRAILING);
	assert_false(request.checker.present || request.interactor.present);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wall_time_follows_cpu_time_unless_it_is_said),
	    cmocka_unit_test(a_test_has_what_the_whole_has_and_its_own),
	    cmocka_unit_test(who_compares),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
