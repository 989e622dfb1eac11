/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/imports.h"

#include <ctype.h>
#include <string.h>

static struct slice from_offset(struct slice text, size_t offset)
{
	return offset < text.len ? (struct slice){text.data + offset, text.len - offset} : (struct slice){0};
}

static struct slice skip_blanks(struct slice text)
{
	size_t n = 0;

	while (n < text.len && (text.data[n] == ' ' || text.data[n] == '\t'))
		n++;
	return from_offset(text, n);
}

/* Without the first word, if that is it and a blank follows; else nothing. */
static struct slice after_word(struct slice line, struct slice word)
{
	if (line.len <= word.len || memcmp(line.data, word.data, word.len) != 0 || !isblank((unsigned char)line.data[word.len]))
		return (struct slice){0};
	return skip_blanks(from_offset(line, word.len));
}

static bool begins_with_any(struct slice text, char *const *names, unsigned count)
{
	size_t len = 0;

	while (len < text.len && (isalnum((unsigned char)text.data[len]) || text.data[len] == '_' || text.data[len] == ':'))
		len++;
	for (unsigned i = 0; i < count; i++)
		if (slice_equal((struct slice){text.data, len}, slice_from(names[i])))
			return true;
	return false;
}

/* `a, b.c as d`; names that come after another `import` are not of modules. */
static bool list_has_any(struct slice list, const struct imports *imports)
{
	const char *of = list.len ? memmem(list.data, list.len, " import ", 8) : NULL;

	if (of)
		list.len = (size_t)(of - list.data);
	while (list.len) {
		if (begins_with_any(list, imports->names, imports->name_count))
			return true;
		const char *comma = memchr(list.data, ',', list.len);
		size_t len = comma ? (size_t)(comma - list.data) + 1 : list.len;
		list = skip_blanks(from_offset(list, len));
	}
	return false;
}

static bool statement_imports(struct slice statement, const struct imports *imports)
{
	for (unsigned i = 0; i < imports->word_count; i++)
		if (list_has_any(after_word(statement, slice_from(imports->words[i])), imports))
			return true;
	return false;
}

static size_t statement_length(struct slice text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] != '\n' && text.data[len] != ';')
		len++;
	return len;
}

bool imports_any(struct slice text, const struct imports *imports)
{
	while (text.len) {
		size_t len = statement_length(text);
		if (statement_imports(skip_blanks((struct slice){text.data, len}), imports))
			return true;
		text = from_offset(text, len + 1);
	}
	return false;
}
