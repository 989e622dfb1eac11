/* SPDX-License-Identifier: Apache-2.0 */
/* docs/api.md against the tables it describes. Argument: its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "api/limit.h"
#include "world.h"

static const char *doc_path;
static struct buf doc;

static int read_doc(void **state)
{
	FILE *in = fopen(doc_path, "re");
	char part[4096];

	(void)state;
	buf_init(&doc, MIB);
	for (size_t got; in && (got = fread(part, 1, sizeof(part), in)) > 0;)
		buf_append(&doc, part, got);
	if (in)
		fclose(in);
	return buf_c_str(&doc) && doc.len > 0 ? 0 : -1;
}

static int free_doc(void **state)
{
	(void)state;
	buf_finish(&doc);
	return 0;
}

static void must_say(const char *text)
{
	if (!strstr(doc.data, text))
		fail_msg("%s does not say: %s", doc_path, text);
}

/* C as a runtime needs no more than the configuration's least. */
static void test_limits(void **state)
{
	const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
	char row[160];

	(void)state;
	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		struct limit_range range = limit_range_of(i, &api, &world_runtimes.runtimes[0]);

		snprintf(row, sizeof(row), "| `%s` | %ju | %ju | %ju |", limit_name(i),
			 (uintmax_t)range.least, (uintmax_t)range.preset, (uintmax_t)range.most);
		must_say(row);
	}
}

static void test_statuses(void **state)
{
	char row[80];

	(void)state;
	for (unsigned i = 0; i < RUN_STATUS_COUNT; i++) {
		snprintf(row, sizeof(row), "| `%s` |", run_status_name(i));
		must_say(row);
	}
}

/* All that the caller may meet: those before ERR_NO_MEMORY are for the outside. */
static void test_errors(void **state)
{
	char row[80];

	(void)state;
	for (int i = 1; i < ERR_NO_MEMORY; i++) {
		snprintf(row, sizeof(row), "| `%s` | %d |", err_name(i), err_status(i));
		must_say(row);
	}
}

static void must_say_number(const char *before, uint64_t number, const char *after)
{
	char text[80];

	snprintf(text, sizeof(text), "%s%ju%s", before, (uintmax_t)number, after);
	must_say(text);
}

static void test_sizes(void **state)
{
	const struct config *c = &world_config;

	(void)state;
	must_say_number("at most ", c->args_entries_max, " of at most");
	must_say_number("of at most ", c->args_bytes_max, " bytes.");
	must_say_number("names of at most ", c->env_key_bytes_max, " bytes");
	must_say_number("values of at most ", c->env_value_bytes_max, ".");
	must_say_number("Standard input: at most ", c->stdin_bytes_max, " bytes");
	must_say_number("At most ", c->files_entries_max, " files");
	must_say_number("at most ", c->code_bytes_max, " bytes together");
	must_say_number("More than ", c->body_bytes_max, " bytes");
	must_say_number("deeper than ", JSON_DEPTH_MAX, ",");
	must_say_number("more than ", JSON_VALUES_MAX, " values");
	must_say_number("", c->rate_per_minute, " requests a minute");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_statuses),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_sizes),
	};

	doc_path = argc > 1 ? argv[1] : "docs/api.md";
	return cmocka_run_group_tests_name("api doc", tests, read_doc, free_doc);
}
