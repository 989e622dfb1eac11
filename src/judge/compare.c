/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/compare.h"

#include <math.h>

#include "base/util.h"
#include "judge/token.h"

/* --- showing a difference --- */

static void show(struct excerpt *excerpt, const char *data, size_t len)
{
	size_t taken = MIN_OF(len, sizeof(excerpt->text) - excerpt->len);

	if (taken)
		memcpy(excerpt->text + excerpt->len, data, taken);
	excerpt->len += taken;
	excerpt->there = excerpt->there || len;
}

/* Until the end of the line; its line break only where that counts. */
static size_t line_bytes(const struct compare *compare, struct slice text)
{
	const char *end = text.len ? memchr(text.data, '\n', text.len) : NULL;

	if (!end)
		return text.len;
	return (size_t)(end - text.data) + (compare->rule.how == COMPARE_EXACT);
}

/* How much of expected in front of `at` is on its line, and shown. */
static size_t shown_before(const struct compare *compare, size_t at)
{
	size_t count = 0;

	while (count < at && count < COMPARE_BEFORE_BYTES &&
	       compare->expected.data[at - count - 1] != '\n')
		count++;
	return count;
}

/* The rest of the line that differs: complete with a line break, or when there is no more room. */
static void show_more(struct compare *compare, struct slice data)
{
	size_t len = line_bytes(compare, data);

	show(&compare->difference.got, data.data, len);
	compare->difference.got.there = compare->difference.got.there || data.len;
	if (len < data.len || compare->difference.got.len == COMPARE_SHOWN_BYTES ||
	    (len && data.data[len - 1] == '\n'))
		compare->showing = false;
}

/*
 * The output's next byte, at line and column, is not that of expected at `at`; before are the bytes
 * in front of it on its line.
 */
static void differ(struct compare *compare, size_t at, struct slice before)
{
	struct difference *difference = &compare->difference;
	size_t front = shown_before(compare, at);
	struct slice rest = {compare->expected.data + at, compare->expected.len - at};

	difference->found = compare->showing = true;
	difference->line = compare->line;
	difference->column = compare->column;
	if (front)
		show(&difference->expected, rest.data - front, front);
	show(&difference->expected, rest.data, line_bytes(compare, rest));
	difference->expected.there = difference->expected.there || rest.len;
	show(&difference->got, before.data, before.len);
}

/* --- every byte --- */

static void count_lines(struct compare *compare, struct slice text)
{
	const char *end = text.data + text.len, *line;

	while (text.len && (line = memchr(text.data, '\n', text.len))) {
		compare->line++;
		compare->column = 1;
		text = (struct slice){line + 1, (size_t)(end - line - 1)};
	}
	compare->column += text.len;
}

static size_t common_bytes(struct slice a, struct slice b)
{
	size_t len = MIN_OF(a.len, b.len), i = 0;

	if (len == 0 || memcmp(a.data, b.data, len) == 0)
		return len;
	while (a.data[i] == b.data[i])
		i++;
	return i;
}

/* What came before is what expected has there, so lines are counted in that. */
static void differ_exactly(struct compare *compare)
{
	size_t front = shown_before(compare, compare->at);

	count_lines(compare, (struct slice){compare->expected.data, compare->at});
	differ(compare, compare->at,
	       (struct slice){compare->expected.data + compare->at - front, front});
}

static void feed_exact(struct compare *compare, struct slice data)
{
	struct slice rest = {compare->expected.data + compare->at,
			     compare->expected.len - compare->at};
	size_t same = common_bytes(rest, data);

	compare->at += same;
	if (same == data.len)
		return;
	differ_exactly(compare);
	show_more(compare, (struct slice){data.data + same, data.len - same});
}

static void end_exact(struct compare *compare)
{
	if (compare->at < compare->expected.len)
		differ_exactly(compare);
}

/* --- but white space at ends --- */

static size_t skip(const struct compare *compare, size_t at, bool (*is)(char))
{
	while (at < compare->expected.len && is(compare->expected.data[at]))
		at++;
	return at;
}

/* What the output has in front of the difference on its line. */
static void differ_on_line(struct compare *compare, size_t at)
{
	char text[COMPARE_BEFORE_BYTES];
	size_t len = MIN_OF(compare->before_count, sizeof(text));

	for (size_t i = 0; i < len; i++)
		text[i] = compare->before[(compare->before_count - len + i) % sizeof(text)];
	differ(compare, at, (struct slice){text, len});
}

/* Expected must have nothing more on this line than white space; at its end it has empty lines
 * without end. */
static void line_ends(struct compare *compare)
{
	size_t end = skip(compare, compare->at, token_is_blank);

	if (end < compare->expected.len && compare->expected.data[end] != '\n') {
		differ_on_line(compare, compare->at);
		return;
	}
	compare->at = compare->ahead = MIN_OF(end + 1, compare->expected.len);
	compare->same = true;
	compare->line++;
	compare->column = 1;
	compare->before_count = 0;
}

static void take_byte(struct compare *compare, char byte)
{
	bool same = compare->same && compare->ahead < compare->expected.len &&
		    compare->expected.data[compare->ahead] == byte;

	if (!same && !token_is_blank(byte)) {
		differ_on_line(compare, compare->ahead);
		return;
	}
	compare->same = same;
	compare->ahead += same;
	if (!token_is_blank(byte))
		compare->at = compare->ahead;
	compare->before[compare->before_count++ % COMPARE_BEFORE_BYTES] = byte;
	compare->column++;
}

static void feed_trailing(struct compare *compare, struct slice data)
{
	for (size_t i = 0; i < data.len; i++) {
		if (data.data[i] == '\n')
			line_ends(compare);
		else
			take_byte(compare, data.data[i]);
		if (!compare->difference.found)
			continue;
		show_more(compare, (struct slice){data.data + i, data.len - i});
		return;
	}
}

static void end_trailing(struct compare *compare)
{
	if (skip(compare, compare->at, token_is_space) < compare->expected.len)
		differ_on_line(compare, compare->at);
}

/* --- words --- */

static bool is_close(const struct compare_rule *rule, struct slice wanted, struct slice word)
{
	double a, b;

	if (!token_number(wanted, &a) || !token_number(word, &b))
		return false;
	if (isnan(a) || isnan(b) || isinf(a) || isinf(b))
		return (isnan(a) && isnan(b)) || a == b;
	return fabs(a - b) <= MAX_OF(rule->absolute, rule->relative * fabs(a));
}

static void differ_by_word(struct compare *compare, struct slice wanted, struct slice word)
{
	struct difference *difference = &compare->difference;

	*difference = (struct difference){.found = true,
					  .line = compare->word_line,
					  .column = compare->word_column,
					  .token = compare->token};
	show(&difference->expected, wanted.data, wanted.len);
	show(&difference->got, word.data, word.len);
}

/* compare->same: the word's bytes so far are those of the wanted one. */
static void word_begins(struct compare *compare)
{
	compare->wanted = token_next(compare->expected, &compare->at);
	compare->same = compare->wanted.data;
	compare->word_line = compare->line;
	compare->word_column = compare->column;
	compare->token++;
}

static void word_ends(struct compare *compare)
{
	struct slice word = {compare->word, MIN_OF(compare->word_len, sizeof(compare->word))};
	bool equal = compare->same && compare->word_len == compare->wanted.len;

	if (!equal && compare->rule.how == COMPARE_FLOAT && compare->word_len == word.len)
		equal = is_close(&compare->rule, compare->wanted, word);
	if (!equal)
		differ_by_word(compare, compare->wanted, word);
	compare->word_len = 0;
}

static void word_goes_on(struct compare *compare, char byte)
{
	size_t at = compare->word_len++;

	if (at < sizeof(compare->word))
		compare->word[at] = byte;
	if (at >= compare->wanted.len || compare->wanted.data[at] != byte)
		compare->same = false;
}

static void feed_words(struct compare *compare, struct slice data)
{
	for (size_t i = 0; i < data.len && !compare->difference.found; i++) {
		char byte = data.data[i];
		if (!token_is_space(byte)) {
			if (compare->word_len == 0)
				word_begins(compare);
			word_goes_on(compare, byte);
		} else if (compare->word_len) {
			word_ends(compare);
		}
		compare->column++;
		if (byte == '\n') {
			compare->line++;
			compare->column = 1;
		}
	}
}

static void end_words(struct compare *compare)
{
	if (compare->word_len)
		word_ends(compare);
	if (compare->difference.found)
		return;
	word_begins(compare);
	if (compare->wanted.data)
		differ_by_word(compare, compare->wanted, (struct slice){0});
}

/* --- all of them --- */

static const struct {
	void (*feed)(struct compare *compare, struct slice data);
	void (*end)(struct compare *compare);
} ways[COMPARE_HOW_COUNT] = {
    [COMPARE_EXACT] = {feed_exact, end_exact},
    [COMPARE_TRAILING] = {feed_trailing, end_trailing},
    [COMPARE_TOKENS] = {feed_words, end_words},
    [COMPARE_FLOAT] = {feed_words, end_words},
};

void compare_begin(struct compare *compare, const struct compare_rule *rule, struct slice expected)
{
	memset(compare, 0, sizeof(*compare));
	compare->rule = *rule;
	compare->expected = expected;
	compare->line = compare->column = 1;
	compare->same = true;
}

void compare_feed(struct compare *compare, struct slice data)
{
	if (!compare->difference.found)
		ways[compare->rule.how].feed(compare, data);
	else if (compare->showing)
		show_more(compare, data);
}

bool compare_end(struct compare *compare)
{
	if (!compare->difference.found)
		ways[compare->rule.how].end(compare);
	return !compare->difference.found;
}
