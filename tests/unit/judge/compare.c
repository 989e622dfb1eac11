/* SPDX-License-Identifier: Apache-2.0 */
/* Every way to compare, each case fed whole, byte by byte and in halves: what is said may not
 * depend on that. */
#include "tests/unit/unit.h"

#include "judge/compare.h"
#include "judge/token.h"

struct case_of {
	enum compare_how how;
	const char *expected, *got;
	/* 0: equal; else where, and what is shown; NULL: the text has ended */
	unsigned line, column, token;
	const char *shown_expected, *shown_got;
};

#define SAME 0, 0, 0, NULL, NULL
#define X64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct case_of cases[] = {
    /* every byte */
    {COMPARE_EXACT, "", "", SAME},
    {COMPARE_EXACT, "a\nb\n", "a\nb\n", SAME},
    {COMPARE_EXACT, "a\nb\n", "a\nb", 2, 2, 0, "b\n", "b"},
    {COMPARE_EXACT, "a\nb", "a\nb\n", 2, 2, 0, "b", "b\n"},
    {COMPARE_EXACT, "a\nb\n", "a\n", 2, 1, 0, "b\n", NULL},
    {COMPARE_EXACT, "a\n", "a\nb\n", 2, 1, 0, NULL, "b\n"},
    {COMPARE_EXACT, "", "x", 1, 1, 0, NULL, "x"},
    {COMPARE_EXACT, "x", "", 1, 1, 0, "x", NULL},
    {COMPARE_EXACT, "one two\nthree\n", "one tWo\nthree\n", 1, 6, 0, "one two\n", "one tWo\n"},
    {COMPARE_EXACT, "a \n", "a\n", 1, 2, 0, "a \n", "a\n"},
    {COMPARE_EXACT, X64 "A\n", X64 "B\n", 1, 65, 0, "89abcdef0123456789abcdefA\n",
     "89abcdef0123456789abcdefB\n"},
    {COMPARE_EXACT, "A" X64 X64, "B" X64 X64, 1, 1, 0,
     "A0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
     "B0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"},

    /* white space at ends does not matter */
    {COMPARE_TRAILING, "", "", SAME},
    {COMPARE_TRAILING, "", " \n\t\n", SAME},
    {COMPARE_TRAILING, "\n\n \n", "", SAME},
    {COMPARE_TRAILING, "a\n", "a", SAME},
    {COMPARE_TRAILING, "a", "a\n", SAME},
    {COMPARE_TRAILING, "a", "a  \n\n  \n", SAME},
    {COMPARE_TRAILING, "a \nb\t \n", "a\nb", SAME},
    {COMPARE_TRAILING, "a\nb\n", "a  \nb", SAME},
    {COMPARE_TRAILING, "a\r\nb\r\n", "a\nb\n", SAME},
    {COMPARE_TRAILING, "a\n\nb\n", "a\n \nb\n", SAME},
    {COMPARE_TRAILING, "a b\n", "a  b\n", 1, 3 + 1, 0, "a b", "a  b"},
    {COMPARE_TRAILING, "a  b\n", "a b\n", 1, 3, 0, "a  b", "a b"},
    {COMPARE_TRAILING, "a\tb\n", "a b\n", 1, 3, 0, "a\tb", "a b"},
    {COMPARE_TRAILING, " a\n", "a\n", 1, 1, 0, " a", "a"},
    {COMPARE_TRAILING, "a\nb\n", "a\n\nb\n", 2, 1, 0, "b", ""},
    {COMPARE_TRAILING, "a\n\nb\n", "a\nb\n", 2, 1, 0, "", "b"},
    {COMPARE_TRAILING, "a b\n", "a\n", 1, 2, 0, "a b", "a"},
    {COMPARE_TRAILING, "a\n", "a b\n", 1, 3, 0, "a", "a b"},
    {COMPARE_TRAILING, "a\nb\n", "a\n", 2, 1, 0, "b", NULL},
    {COMPARE_TRAILING, "a\n", "a\nb", 2, 1, 0, NULL, "b"},
    {COMPARE_TRAILING, "a\n  ", "a\n  b", 2, 3, 0, "  ", "  b"},
    {COMPARE_TRAILING, X64 "A", X64 "  B", 1, 67, 0, "89abcdef0123456789abcdefA",
     "abcdef0123456789abcdef  B"},

    /* words */
    {COMPARE_TOKENS, "", " \n", SAME},
    {COMPARE_TOKENS, "a b c", "a\nb\n\n c \n", SAME},
    {COMPARE_TOKENS, " a\tb\v\f\r\nc", "a b c", SAME},
    {COMPARE_TOKENS, "a b c", "a b", 1, 4, 3, "c", NULL},
    {COMPARE_TOKENS, "a b", "a b\nc", 2, 1, 3, NULL, "c"},
    {COMPARE_TOKENS, "a b c", "a\n x\n", 2, 2, 2, "b", "x"},
    {COMPARE_TOKENS, "ab c", "abc", 1, 1, 1, "ab", "abc"},
    {COMPARE_TOKENS, "abc", "ab c", 1, 1, 1, "abc", "ab"},
    {COMPARE_TOKENS, "1.0", "1.00", 1, 1, 1, "1.0", "1.00"},
    {COMPARE_TOKENS, X64 X64, X64 X64, SAME},
    {COMPARE_TOKENS, X64 "a", X64 "b", 1, 1, 1, X64, X64},

    /* numbers: by 0.01, or one in a hundred */
    {COMPARE_FLOAT, "1.0 2 three", "1.009 1.99\nthree", SAME},
    {COMPARE_FLOAT, "1000", "1009.9", SAME},
    {COMPARE_FLOAT, "1000", "1011", 1, 1, 1, "1000", "1011"},
    {COMPARE_FLOAT, "-1e3", "-995", SAME},
    {COMPARE_FLOAT, "0", "-0.0", SAME},
    {COMPARE_FLOAT, "0", "0.011", 1, 1, 1, "0", "0.011"},
    {COMPARE_FLOAT, "inf -Infinity NaN", "INF -inf nan", SAME},
    {COMPARE_FLOAT, "inf", "1e308", 1, 1, 1, "inf", "1e308"},
    {COMPARE_FLOAT, "inf", "-inf", 1, 1, 1, "inf", "-inf"},
    {COMPARE_FLOAT, "nan", "0", 1, 1, 1, "nan", "0"},
    {COMPARE_FLOAT, "16", "0x10", 1, 1, 1, "16", "0x10"},
    {COMPARE_FLOAT, "1", "1abc", 1, 1, 1, "1", "1abc"},
    {COMPARE_FLOAT, "yes 1", "no 1", 1, 1, 1, "yes", "no"},
    {COMPARE_FLOAT, "1 2", "1 2 3", 1, 5, 3, NULL, "3"},
};

static void feed_by(struct compare *compare, const char *text, size_t step)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len; at += step)
		compare_feed(compare, (struct slice){text + at, MIN_OF(step, len - at)});
}

static void check_excerpt(const struct case_of *c, const char *wanted, const struct excerpt *shown,
			  const char *side)
{
	if (shown->there != (wanted != NULL) ||
	    (wanted && !slice_equal(slice_from(wanted), (struct slice){shown->text, shown->len})))
		fail_msg("'%s' beside '%s': %s is '%.*s'%s, not '%s'", c->got, c->expected, side,
			 (int)shown->len, shown->text, shown->there ? "" : " (not there)",
			 wanted ? wanted : "nothing");
}

static void check_case(const struct case_of *c, size_t step)
{
	struct compare_rule rule = {c->how, 0.01, 0.01};
	const struct difference *found;
	struct compare compare;

	compare_begin(&compare, &rule, slice_from(c->expected));
	feed_by(&compare, c->got, step);
	bool equal = compare_end(&compare);
	if (equal != (c->line == 0))
		fail_msg("'%s' beside '%s' by %zu: equal %d", c->got, c->expected, step, equal);
	if (equal)
		return;
	found = &compare.difference;
	if (found->line != c->line || found->column != c->column || found->token != c->token)
		fail_msg("'%s' beside '%s' by %zu: at %lu:%lu token %lu", c->got, c->expected, step,
			 (unsigned long)found->line, (unsigned long)found->column,
			 (unsigned long)found->token);
	check_excerpt(c, c->shown_expected, &found->expected, "expected");
	check_excerpt(c, c->shown_got, &found->got, "got");
}

static void every_case_whole_and_in_pieces(void **state _unused_)
{
	static const size_t steps[] = {1, 2, 3, 7, 1000};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t k = 0; k < ARRAY_LEN(steps); k++)
			check_case(&cases[i], steps[k]);
}

/* The first byte that differs, far behind what any buffer here holds. */
static void a_difference_deep_in_a_long_line_is_found_at_its_place(void **state _unused_)
{
	enum { LONG = 100000 };
	static char expected[LONG + 1], got[LONG + 1];

	for (enum compare_how how = COMPARE_EXACT; how <= COMPARE_TRAILING; how++) {
		struct compare_rule rule = {.how = how};
		struct compare compare;

		memset(expected, 'x', LONG);
		memset(got, 'x', LONG);
		got[77777] = 'y';
		compare_begin(&compare, &rule, (struct slice){expected, LONG});
		feed_by(&compare, got, 4096);
		assert_false(compare_end(&compare));
		assert_int_equal(compare.difference.column, 77778);
		assert_int_equal(compare.difference.got.text[COMPARE_BEFORE_BYTES], 'y');
		assert_int_equal(compare.difference.expected.text[COMPARE_BEFORE_BYTES], 'x');
	}
}

static void words_longer_than_the_buffer_are_compared_to_their_end(void **state _unused_)
{
	enum { LONG = 3 * COMPARE_WORD_BYTES };
	static char word[LONG + 1], other[LONG + 1];
	struct compare_rule rule = {COMPARE_FLOAT, 1, 1};
	struct compare compare;

	memset(word, '1', LONG);
	memcpy(other, word, LONG);
	compare_begin(&compare, &rule, (struct slice){word, LONG});
	feed_by(&compare, other, 100);
	assert_true(compare_end(&compare));
	other[LONG - 1] = '2';
	compare_begin(&compare, &rule, (struct slice){word, LONG});
	feed_by(&compare, other, 100);
	assert_false(compare_end(&compare));
}

static void what_is_a_number(void **state _unused_)
{
	static const struct {
		const char *text;
		bool is;
		double number;
	} rows[] = {{"1", true, 1},	  {"-1.5", true, -1.5}, {"+.5", true, .5},
		    {"5.", true, 5},	  {"1e3", true, 1000},	{"1E-2", true, .01},
		    {"", false, 0},	  {".", false, 0},	{"-", false, 0},
		    {"e5", false, 0},	  {"1e", false, 0},	{"0x1", false, 0},
		    {"1,5", false, 0},	  {"--1", false, 0},	{"1 ", false, 0},
		    {"nan(1)", false, 0}, {"infinit", false, 0}};
	double number;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is = token_number(slice_from(rows[i].text), &number);
		if (is != rows[i].is || (is && number != rows[i].number))
			fail_msg("'%s': %d", rows[i].text, is);
	}
	assert_false(token_number((struct slice){"1\0002", 3}, &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_whole_and_in_pieces),
	    cmocka_unit_test(a_difference_deep_in_a_long_line_is_found_at_its_place),
	    cmocka_unit_test(words_longer_than_the_buffer_are_compared_to_their_end),
	    cmocka_unit_test(what_is_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
