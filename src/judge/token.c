/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/token.h"

#include <stdlib.h>
#include <strings.h>

#include "base/util.h"
#include "judge/compare.h"

struct slice token_next(struct slice text, size_t *at)
{
	size_t begin = *at;

	while (begin < text.len && token_is_space(text.data[begin]))
		begin++;
	size_t end = begin;
	while (end < text.len && !token_is_space(text.data[end]))
		end++;
	*at = end;
	return end > begin ? (struct slice){text.data + begin, end - begin} : (struct slice){0};
}

/* strtod(3) would also take hexadecimal numbers and "nan(...)", which nobody means here. */
static bool looks_like_number(const char *text)
{
	static const char *const names[] = {"inf", "infinity", "nan"};

	text += *text == '-' || *text == '+';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(text, names[i]) == 0)
			return true;
	return strspn(text, "0123456789.eE+-") == strlen(text) && strpbrk(text, "0123456789");
}

bool token_number(struct slice word, double *ret_number)
{
	char text[COMPARE_WORD_BYTES + 1];
	char *end;

	if (word.len == 0 || word.len > COMPARE_WORD_BYTES || slice_has_nul(word))
		return false;
	memcpy(text, word.data, word.len);
	text[word.len] = '\0';
	if (!looks_like_number(text))
		return false;
	double number = strtod(text, &end); /* the locale is "C" in all our processes */
	if (*end)
		return false;
	*ret_number = number;
	return true;
}
