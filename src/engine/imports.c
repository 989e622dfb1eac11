/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/imports.h"

#include <ctype.h>

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

	while (len < text.len && (isalnum((unsigned char)text.data[len]) || text.data[len] == '_'))
		len++;
	for (unsigned i = 0; i < count; i++)
		if (slice_equal((struct slice){text.data, len}, slice_from(names[i])))
			return true;
	return false;
}

static bool line_imports(struct slice line, char *const *names, unsigned count)
{
	struct slice package = after_word(line, SLICE_LITERAL("from"));
	struct slice modules = after_word(line, SLICE_LITERAL("import"));

	if (package.len)
		return begins_with_any(package, names, count);
	while (modules.len) {
		if (begins_with_any(modules, names, count))
			return true;
		const char *comma = memchr(modules.data, ',', modules.len);
		size_t len = comma ? (size_t)(comma - modules.data) + 1 : modules.len;
		modules = skip_blanks(from_offset(modules, len));
	}
	return false;
}

bool imports_any(struct slice text, char *const *names, unsigned count)
{
	while (text.len) {
		const char *end = memchr(text.data, '\n', text.len);
		size_t len = end ? (size_t)(end - text.data) : text.len;
		if (line_imports(skip_blanks((struct slice){text.data, len}), names, count))
			return true;
		text = from_offset(text, len + 1);
	}
	return false;
}
