/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/option.h"

/* --- numbers --- */

struct number_row {
	enum option_kind kind;
	const char *text;
	int64_t value; /* -1: refused */
};

static const struct number_row numbers[] = {
    {OPTION_COUNT, "0", 0},
    {OPTION_COUNT, "64", 64},
    {OPTION_COUNT, "007", 7},
    {OPTION_COUNT, "9223372036854775807", INT64_MAX},
    {OPTION_COUNT, "18446744073709551616", -1},
    {OPTION_COUNT, "-1", -1},
    {OPTION_COUNT, "+1", -1},
    {OPTION_COUNT, " 1", -1},
    {OPTION_COUNT, "1 ", -1},
    {OPTION_COUNT, "", -1},
    {OPTION_COUNT, "1.0", -1},
    {OPTION_COUNT, "1e3", -1},
    {OPTION_COUNT, "0x10", -1},
    {OPTION_COUNT, "unlimited", -1},
    {OPTION_RATE, "100", 100},
    {OPTION_RATE, "Unlimited", -1},
    {OPTION_TIME, "5", 5000},
    {OPTION_TIME, "5s", 5000},
    {OPTION_TIME, "5S", 5000},
    {OPTION_TIME, "500ms", 500},
    {OPTION_TIME, "2m", 120000},
    {OPTION_TIME, "1h", 3600000},
    {OPTION_TIME, "1.5", 1500},
    {OPTION_TIME, "1.5s", 1500},
    {OPTION_TIME, "0.001", 1},
    {OPTION_TIME, "0.0010", 1},
    {OPTION_TIME, "0.0001", -1},
    {OPTION_TIME, "0.5ms", -1},
    {OPTION_TIME, "1.", -1},
    {OPTION_TIME, ".5", -1},
    {OPTION_TIME, "1.5.5", -1},
    {OPTION_TIME, "ms", -1},
    {OPTION_TIME, "5 s", -1},
    {OPTION_TIME, "5x", -1},
    {OPTION_TIME, "-5", -1},
    {OPTION_TIME, "NaN", -1},
    {OPTION_TIME, "inf", -1},
    {OPTION_TIME, "18446744073709552", -1}, /* seconds that do not fit as milliseconds */
    {OPTION_SIZE, "65536", 65536},
    {OPTION_SIZE, "64K", 65536},
    {OPTION_SIZE, "64k", 65536},
    {OPTION_SIZE, "64KiB", 65536},
    {OPTION_SIZE, "512M", 512 * 1048576ll},
    {OPTION_SIZE, "2G", 2147483648ll},
    {OPTION_SIZE, "1.5G", 1610612736ll},
    {OPTION_SIZE, "0.50000000000K", 512},
    {OPTION_SIZE, "0.5000000000000000000000K", -1}, /* whole, but nobody means it */
    {OPTION_SIZE, "0.3K", -1},			    /* 307.2 bytes */
    {OPTION_SIZE, "64KB", -1},			    /* 1000 or 1024? */
    {OPTION_SIZE, "17179869184G", -1},
};

static void numbers_are_exact_or_refused(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		uint64_t value = 4711;
		int rc = option_number(numbers[i].kind, numbers[i].text, &value);
		bool refused = numbers[i].value < 0;
		if ((rc < 0) != refused || (!refused && value != (uint64_t)numbers[i].value))
			fail_msg("'%s': rc %d value %llu", numbers[i].text, rc,
				 (unsigned long long)value);
		if (refused)
			assert_int_equal(value, 4711);
	}
}

static void unlimited_is_the_largest_number(void **state _unused_)
{
	uint64_t value = 0;

	assert_int_equal(option_number(OPTION_RATE, "unlimited", &value), 0);
	assert_true(value == UINT64_MAX);
}

/* --- a verb of its own --- */

struct options {
	bool flag;
	const char *text;
	struct text_list list;
	struct number time;
};

static const struct cli_option rows[] = {
    {"flag", 'f', OPTION_FLAG, NULL, offsetof(struct options, flag), COMPLETE_NONE, "a flag"},
    {"text", '\0', OPTION_TEXT, "TEXT", offsetof(struct options, text), COMPLETE_NONE, "a text"},
    {"list", 'l', OPTION_LIST, "TEXT", offsetof(struct options, list), COMPLETE_NONE, "a list"},
    {"time", 't', OPTION_TIME, NULL, offsetof(struct options, time), COMPLETE_NONE, "a time"},
};

static struct verb test_verb = {.name = "test",
				.options = rows,
				.option_count = ARRAY_LEN(rows),
				.options_bytes = sizeof(struct options)};

struct parsed {
	struct options options;
	struct err err;
	bool help;
	int first;
	char *argv[16];
	int argc;
};

static struct parsed parse(bool passes_rest, const char *const *words)
{
	struct parsed parsed = {.argc = 0};

	test_verb.passes_rest = passes_rest;
	parsed.argv[parsed.argc++] = "test";
	for (; *words; words++)
		parsed.argv[parsed.argc++] = (char *)*words;
	parsed.first = option_parse(&test_verb, "sandglass test", parsed.argc, parsed.argv,
				    &parsed.options, &parsed.help, &parsed.err);
	return parsed;
}

#define PARSE(passes_rest, ...) parse(passes_rest, (const char *const[]){__VA_ARGS__, NULL})

static void every_kind_is_stored(void **state _unused_)
{
	struct parsed p =
	    PARSE(false, "-f", "--text", "-x", "--list=a", "-l", "b", "-t500ms", "operand");

	assert_int_equal(p.first, p.argc - 1);
	assert_true(p.options.flag);
	assert_string_equal(p.options.text, "-x");
	assert_int_equal(p.options.list.count, 2);
	assert_string_equal(p.options.list.items[0], "a");
	assert_string_equal(p.options.list.items[1], "b");
	assert_true(p.options.time.given);
	assert_int_equal(p.options.time.value, 500);
	option_free(&test_verb, &p.options);
}

static void nothing_given_is_nothing_set(void **state _unused_)
{
	struct parsed p = PARSE(false, "operand");

	assert_int_equal(p.first, 1);
	assert_false(p.options.time.given || p.options.flag || p.options.text ||
		     p.options.list.count);
}

static void options_behind_operands_belong_to_the_verb(void **state _unused_)
{
	struct parsed p = PARSE(false, "operand", "-f");

	assert_true(p.options.flag);
	assert_string_equal(p.argv[p.first], "operand");
}

static void options_behind_a_program_belong_to_the_program(void **state _unused_)
{
	struct parsed p = PARSE(true, "-t", "1", "program", "-f", "--nonsense", "--help");

	assert_false(p.options.flag || p.help);
	assert_int_equal(p.argc - p.first, 4);
	assert_string_equal(p.argv[p.first + 2], "--nonsense");
}

static void two_dashes_end_the_options(void **state _unused_)
{
	struct parsed p = PARSE(false, "--", "-f");

	assert_false(p.options.flag);
	assert_string_equal(p.argv[p.first], "-f");
}

static void a_dash_alone_is_an_operand(void **state _unused_)
{
	struct parsed p = PARSE(true, "-f", "-", "more");

	assert_true(p.options.flag);
	assert_string_equal(p.argv[p.first], "-");
}

static void help_is_told(void **state _unused_)
{
	assert_true(PARSE(false, "--help").help);
	assert_true(PARSE(false, "-f", "-h").help);
}

struct refusal {
	const char *words[3];
	const char *in_text;
};

static const struct refusal refusals[] = {
    {{"--nonsense"}, "no option '--nonsense'"},
    {{"-z"}, "no option '-z'"},
    {{"--text"}, "'--text' needs a value"},
    {{"-l"}, "'-l' needs a value"},
    {{"--time", "soon"}, "--time takes"},
    {{"--time", "-1"}, "not '-1'"},
    {{"--flag=1"}, "--flag"},
};

static void what_is_wrong_is_named(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct parsed p = parse(false, refusals[i].words);
		assert_int_equal(p.first, -ERR_BAD_REQUEST);
		if (!strstr(p.err.text, refusals[i].in_text))
			fail_msg("\"%s\" is not in \"%s\"", refusals[i].in_text, p.err.text);
		option_free(&test_verb, &p.options);
	}
}

/* --- the real tables --- */

static void check_rows(const struct verb *verb)
{
	for (size_t i = 0; i < verb->option_count; i++) {
		const struct cli_option *row = &verb->options[i];
		assert_non_null(row->help);
		assert_true(row->offset < verb->options_bytes);
		assert_int_equal(option_value_name(row) == NULL, row->kind == OPTION_FLAG);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(row->name, verb->options[k].name);
			assert_true(!row->letter || row->letter != verb->options[k].letter);
		}
		assert_string_not_equal(row->name, "help");
		assert_int_not_equal(row->letter, 'h');
	}
}

static void check_verbs(const struct verb *const *verbs)
{
	for (; *verbs; verbs++) {
		assert_non_null((*verbs)->name);
		assert_non_null((*verbs)->summary);
		assert_non_null((*verbs)->operands);
		assert_true(((*verbs)->run == NULL) != ((*verbs)->verbs == NULL));
		check_rows(*verbs);
		if ((*verbs)->verbs)
			check_verbs((*verbs)->verbs);
	}
}

static void all_verbs_are_whole_and_no_option_stands_twice(void **state _unused_)
{
	check_verbs(verb_table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_exact_or_refused),
	    cmocka_unit_test(unlimited_is_the_largest_number),
	    cmocka_unit_test(every_kind_is_stored),
	    cmocka_unit_test(nothing_given_is_nothing_set),
	    cmocka_unit_test(options_behind_operands_belong_to_the_verb),
	    cmocka_unit_test(options_behind_a_program_belong_to_the_program),
	    cmocka_unit_test(two_dashes_end_the_options),
	    cmocka_unit_test(a_dash_alone_is_an_operand),
	    cmocka_unit_test(help_is_told),
	    cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(all_verbs_are_whole_and_no_option_stands_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
