/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scanned.h"

#include <string.h>

#define HEADLINE "Security violations detected\n"

static size_t count_lines(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == '\n';
	return count;
}

/* The next line, without its end; {NULL, 0} after the last. */
static struct slice take_line(struct slice *text)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	struct slice line = {text->data, end ? (size_t)(end - text->data) : 0};

	if (!end)
		return (struct slice){0};
	text->data += line.len + 1;
	text->len -= line.len + 1;
	return line;
}

/* As much of it as the limit of output allows. */
static void retell(struct buf *err, const struct violations *violations)
{
	bool told = buf_append_text(err, HEADLINE) == 0;

	for (size_t i = 0; told && i < violations->count; i++)
		told = buf_append(err, violations->list[i].data, violations->list[i].len) == 0 &&
		       buf_append(err, "\n", 1) == 0;
}

bool scanned_read(struct violations *ret_violations, struct buf *err, const char *word)
{
	struct slice said = buf_slice(err), line = take_line(&said);
	struct violations violations = {0};
	struct buf told;

	if (!line.data || !slice_equal(line, slice_from(word)))
		return false;
	violations.list = calloc(count_lines(said) + 1, sizeof(*violations.list));
	if (!violations.list)
		return false;
	while ((line = take_line(&said)).data)
		violations.list[violations.count++] = line;
	buf_init(&told, err->ceiling);
	retell(&told, &violations);
	violations.said = *err;
	*err = told;
	*ret_violations = violations;
	return true;
}

void scanned_finish(struct violations *violations)
{
	buf_finish(&violations->said);
	free(violations->list);
	*violations = (struct violations){0};
}
