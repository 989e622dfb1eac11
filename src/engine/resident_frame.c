/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/resident_frame.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

static const char *const outcomes[RESIDENT_OUTCOMES] = {
#define RESIDENT_OUTCOME(name, word) [RESIDENT_OUTCOME_##name] = word,
#include "engine/resident_frame.def"
#undef RESIDENT_OUTCOME
};

static const char *const forms[RESIDENT_FORMS] = {
#define RESIDENT_FORM(name, word, binary) [RESIDENT_FORM_##name] = word,
#include "engine/resident_frame.def"
#undef RESIDENT_FORM
};

int resident_request_write(struct buf *out, const struct resident_request *request)
{
	char head[RESIDENT_HEAD_BYTES + 1], token[RESIDENT_TOKEN_BYTES + 1];

	snprintf(head, sizeof(head), "execute %zu %zu %llu %llu", request->code.len, request->stdin_data.len,
		 (unsigned long long)request->bytes_most, (unsigned long long)request->number);
	int rc = buf_printf(out, "%-*s\n", RESIDENT_HEAD_BYTES - 1, head);
	if (rc == 0)
		rc = buf_append(out, request->code.data, request->code.len);
	if (rc == 0)
		rc = buf_append(out, request->stdin_data.data, request->stdin_data.len);
	snprintf(token, sizeof(token), "%-*s\n", RESIDENT_TOKEN_BYTES - 1, request->token);
	return rc < 0 ? rc : buf_append(out, token, RESIDENT_TOKEN_BYTES);
}

/* --- reading --- */

/* 1 and the line without its newline, 0 if it is not there yet, -ERR_PROTOCOL if it is too long. */
static int take_line(struct slice *bytes, struct slice *ret_line)
{
	size_t look = MIN_OF(bytes->len, (size_t)RESIDENT_LINE_BYTES);
	const char *end = look ? memchr(bytes->data, '\n', look) : NULL;

	if (!end)
		return look == RESIDENT_LINE_BYTES ? -ERR_PROTOCOL : 0;
	*ret_line = (struct slice){bytes->data, (size_t)(end - bytes->data)};
	*bytes = (struct slice){end + 1, bytes->len - ret_line->len - 1};
	return 1;
}

/* What stands before the next space, or the end; empty at the end. */
static struct slice take_word(struct slice *line)
{
	const char *space = line->len ? memchr(line->data, ' ', line->len) : NULL;
	struct slice word = {line->data, space ? (size_t)(space - line->data) : line->len};
	size_t taken = word.len + (space != NULL);

	*line = (struct slice){line->data + taken, line->len - taken};
	return word;
}

static bool take_number(struct slice *line, uint64_t most, uint64_t *ret_number)
{
	struct slice word = take_word(line);
	uint64_t number = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] < '0' || word.data[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(word.data[i] - '0');
		if (number > most)
			return false;
	}
	*ret_number = number;
	return word.len > 0;
}

/* Its place in the list, or -1. */
static int take_choice(struct slice *line, const char *const *words, unsigned count)
{
	struct slice word = take_word(line);

	for (unsigned i = 0; i < count; i++)
		if (slice_equal(word, slice_from(words[i])))
			return (int)i;
	return -1;
}

static int read_head(struct slice line, struct resident_frame *frame)
{
	struct slice token = take_word(&line);
	int outcome = take_choice(&line, outcomes, RESIDENT_OUTCOMES);
	uint64_t exit_code, count;

	if (token.len == 0 || token.len >= sizeof(frame->token) || outcome < 0 || !take_number(&line, 255, &exit_code) ||
	    !take_number(&line, RESIDENT_PARTS_MAX, &count) || line.len)
		return -ERR_PROTOCOL;
	memcpy(frame->token, token.data, token.len);
	frame->outcome = (enum resident_outcome)outcome;
	frame->exit_code = (int)exit_code;
	frame->count = (unsigned)count;
	return 1;
}

static int read_part(struct slice *bytes, struct resident_part *part, unsigned value_least)
{
	struct slice line;
	uint64_t value, len;
	int rc = take_line(bytes, &line);

	if (rc <= 0)
		return rc;
	if (!take_number(&line, RESIDENT_VALUES_MAX, &value) || value < value_least)
		return -ERR_PROTOCOL;
	int form = take_choice(&line, forms, RESIDENT_FORMS);
	if (form < 0 || !take_number(&line, RESIDENT_BYTES_MAX, &len) || line.len)
		return -ERR_PROTOCOL;
	if (len > bytes->len)
		return 0;
	*part = (struct resident_part){(unsigned)value, (enum resident_form)form, {bytes->data, len}};
	*bytes = (struct slice){bytes->data + len, bytes->len - len};
	return 1;
}

int resident_frame_parse(struct slice bytes, struct resident_frame *ret_frame)
{
	struct resident_frame frame = {.count = 0};
	struct slice left = bytes, line;
	int rc = take_line(&left, &line);

	if (rc > 0)
		rc = read_head(line, &frame);
	for (unsigned i = 0; rc > 0 && i < frame.count; i++)
		rc = read_part(&left, &frame.parts[i], i ? frame.parts[i - 1].value : 0);
	if (rc <= 0)
		return rc;
	frame.bytes = bytes.len - left.len;
	*ret_frame = frame;
	return 1;
}
