/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as two texts, with a NUL between them, and how to compare them. Whatever is said may not
 * depend on the pieces in which the output comes, must agree with a comparison of the whole texts
 * that is plain to see, and shows what is there.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "judge/compare.h"
#include "judge/token.h"

static void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* --- the plain comparison --- */

/* The next line without white space at its end. */
static struct slice next_line(struct slice *text)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	size_t len = end ? (size_t)(end - text->data) : text->len,
	       rest = MIN_OF(len + 1, text->len);
	struct slice line = {text->data, len};

	*text = (struct slice){text->data + rest, text->len - rest};
	while (line.len && token_is_space(line.data[line.len - 1]))
		line.len--;
	return line;
}

static bool same_lines(struct slice a, struct slice b)
{
	while (a.len || b.len)
		if (!slice_equal(next_line(&a), next_line(&b)))
			return false;
	return true;
}

static bool same_words(struct slice a, struct slice b)
{
	size_t at_a = 0, at_b = 0;

	for (;;) {
		struct slice word_a = token_next(a, &at_a), word_b = token_next(b, &at_b);
		if (!slice_equal(word_a, word_b))
			return false;
		if (!word_a.data)
			return true;
	}
}

/* --- both --- */

static bool compare_by(struct compare *compare, enum compare_how how, struct slice a,
		       struct slice b, size_t step)
{
	const struct compare_rule rule = {how, 0, 0};

	compare_begin(compare, &rule, a);
	for (size_t at = 0; at < b.len; at += step)
		compare_feed(compare, (struct slice){b.data + at, MIN_OF(step, b.len - at)});
	return compare_end(compare);
}

static bool same_excerpt(const struct excerpt *a, const struct excerpt *b)
{
	return a->there == b->there &&
	       slice_equal((struct slice){a->text, a->len}, (struct slice){b->text, b->len});
}

static bool same_difference(const struct difference *a, const struct difference *b)
{
	return a->found == b->found && a->line == b->line && a->column == b->column &&
	       a->token == b->token && same_excerpt(&a->expected, &b->expected) &&
	       same_excerpt(&a->got, &b->got);
}

static void check(enum compare_how how, struct slice a, struct slice b, size_t step)
{
	static struct compare whole, pieces;
	bool equal = compare_by(&whole, how, a, b, b.len + 1);
	const struct difference *x = &whole.difference, *y = &pieces.difference;

	insist(compare_by(&pieces, how, a, b, step) == equal,
	       "the verdict does not depend on the pieces");
	insist(same_difference(x, y), "nor does the difference");
	insist(x->expected.len <= COMPARE_SHOWN_BYTES && x->got.len <= COMPARE_SHOWN_BYTES,
	       "excerpts are short");
	insist(equal || x->expected.there || x->got.there, "a difference shows something");
	if (how == COMPARE_EXACT)
		insist(equal == slice_equal(a, b), "exact");
	if (how == COMPARE_TRAILING)
		insist(equal == same_lines(a, b), "trailing");
	if (how == COMPARE_TOKENS)
		insist(equal == same_words(a, b), "tokens");
	if (how == COMPARE_FLOAT)
		insist(equal || !same_words(a, b), "float takes what tokens takes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1, *end = size ? text + size - 1 : text;
	const char *between = size > 1 ? memchr(text, '\0', size - 1) : NULL;

	if (!between)
		return 0;
	struct slice a = {text, (size_t)(between - text)},
		     b = {between + 1, (size_t)(end - between - 1)};
	for (enum compare_how how = 0; how < COMPARE_HOW_COUNT; how++)
		check(how, a, b, 1 + data[0] % 7);
	return 0;
}
