/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors of npm's semver, in the words of runtime_select. */
#include <stdio.h>
#include <string.h>

#include "api/piston.h"

#define PARTS_MAX      3
#define SELECTOR_BYTES 256

/* "3.13" has two. */
struct parts {
	unsigned numbers[PARTS_MAX];
	unsigned count;
};

static struct parts read_parts(const char *text)
{
	struct parts parts = {.count = 0};
	int used = 0;

	while (parts.count < PARTS_MAX &&
	       sscanf(text, "%9u%n", &parts.numbers[parts.count], &used) == 1) {
		parts.count++;
		text += used;
		text += *text == '.';
	}
	return parts;
}

static void print_parts(struct buf *out, const char *operator, const struct parts * parts)
{
	buf_append_text(out, operator);
	for (unsigned i = 0; i < parts->count; i++)
		buf_printf(out, i ? ".%u" : "%u", parts->numbers[i]);
	buf_append_text(out, " ");
}

/* "^" lets everything behind the first number that is not 0 grow, "~" what is behind the second. */
static unsigned numbers_kept(char operator, const struct parts * parts)
{
	unsigned kept = 1;

	if (operator== '~')
		return MIN_OF(2u, parts->count);
	while (kept < parts->count && parts->numbers[kept - 1] == 0)
		kept++;
	return kept;
}

static void print_range(struct buf *out, const char *word)
{
	struct parts parts = read_parts(word + 1), next = parts;

	if (!parts.count) {
		buf_printf(out, "%s ", word);
		return;
	}
	next.count = numbers_kept(*word, &parts);
	next.numbers[next.count - 1]++;
	print_parts(out, ">=", &parts);
	print_parts(out, "<", &next);
}

/* "3.x" and "3.*" are what "3" is; "x" is anything. */
static void print_word(struct buf *out, char *word)
{
	size_t plain = strcspn(word, "xX*");

	if (*word == '^' || *word == '~') {
		print_range(out, word);
		return;
	}
	if (plain > 1 && word[plain] && word[plain - 1] == '.')
		word[plain - 1] = '\0';
	buf_printf(out, "%s ", plain == 0 ? "*" : word);
}

const struct runtime_version *piston_version(const struct runtime *runtime, struct slice selector)
{
	char text[SELECTOR_BYTES], *rest = NULL;
	_buf_finish_ struct buf words;
	bool valid;

	buf_init(&words, 4 * SELECTOR_BYTES);
	if (selector.len >= sizeof(text) || slice_has_nul(selector))
		return NULL;
	memcpy(text, selector.data, selector.len);
	text[selector.len] = '\0';
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		print_word(&words, word);
	return runtime_select(runtime, words.data, words.len, &valid);
}
