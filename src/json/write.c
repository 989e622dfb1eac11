/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer. Strings go through a small block on the stack: each byte is looked at once, eight at
 * a time where nothing is to be escaped, and the result is appended in one piece.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "json/base64.h"
#include "json/json.h"
#include "json/utf8.h"
#include "json/word.h"

#define BLOCK_IN     512 /* bytes of input per block */
#define ESCAPE_MOST  6	 /* \u001f */
#define BLOCK_OUT    (BLOCK_IN * ESCAPE_MOST + WORD_BYTES)
#define BASE64_IN    (BLOCK_IN * 3)
#define DECIMALS_MAX 18

static void put(struct json_writer *w, const void *data, size_t len)
{
	if (w->rc == 0)
		w->rc = buf_append(w->out, data, len);
}

static void put_char(struct json_writer *w, char c)
{
	put(w, &c, 1);
}

/* What cannot stand in a JSON string as it is: controls, '"', '\\', and what may not be UTF-8. */
static bool is_special(unsigned char c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

/* How many bytes of word, from the first, are not special. */
static size_t plain_bytes(uint64_t word)
{
	return word_first(word_not_ascii(word) | word_below(word, 0x20) | word_equal(word, '"') |
			  word_equal(word, '\\'));
}

/* What stands for control characters (RFC 8259, section 7), in words that are copied whole. */
static const char escapes[0x20][WORD_BYTES] = {
    "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
    "\\b",     "\\t",	  "\\n",     "\\u000b", "\\f",	   "\\r",     "\\u000e", "\\u000f",
    "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017",
    "\\u0018", "\\u0019", "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f",
};

/* One character below 0x80, escaped if JSON wants that. Returns the new end of out. */
static char *put_ascii(char *out, unsigned char c)
{
	if (c < ARRAY_LEN(escapes)) {
		word_store(out, word_load(escapes[c]));
		return out + (escapes[c][1] == 'u' ? ESCAPE_MOST : 2);
	}
	if (c == '"' || c == '\\')
		*out++ = '\\';
	*out++ = (char)c;
	return out;
}

/* A sequence that begins with 0x80 or more. Moves *at behind it, returns the new end of out. */
static char *put_sequence(char *out, const unsigned char **at, const unsigned char *end)
{
	int step = utf8_step(*at, end);

	for (; step > 0; step--)
		*out++ = (char)*(*at)++;
	if (step < 0) {
		*at -= step;
		*out++ = '\xEF'; /* U+FFFD */
		*out++ = '\xBF';
		*out++ = '\xBD';
	}
	return out;
}

/* About the first BLOCK_IN bytes of text, which is not empty. Returns how many it took. */
static size_t put_block(struct json_writer *w, struct slice text)
{
	/* Hardened builds zero every variable: here that would cost as much as all the rest. */
	char block[BLOCK_OUT] __attribute__((uninitialized));
	char *out = block;
	const unsigned char *start = (const unsigned char *)text.data, *at = start;
	const unsigned char *end = start + text.len, *stop = start + MIN_OF(text.len, BLOCK_IN);

	while (at < stop) {
		if (stop - at >= WORD_BYTES) {
			uint64_t word = word_load(at);
			size_t plain = plain_bytes(word);

			word_store(out, word); /* what is special is written over */
			out += plain;
			at += plain;
			if (plain == WORD_BYTES)
				continue;
		}
		do
			out = *at < 0x80 ? put_ascii(out, *at++) : put_sequence(out, &at, end);
		while (at < stop && is_special(*at));
	}
	put(w, block, (size_t)(out - block));
	return (size_t)(at - start);
}

static void put_string(struct json_writer *w, struct slice text)
{
	put_char(w, '"');
	while (w->rc == 0 && text.len > 0) {
		size_t taken = put_block(w, text);

		text = (struct slice){text.data + taken, text.len - taken};
	}
	put_char(w, '"');
}

/* Comma and key: what stands before every value. */
static void begin(struct json_writer *w, const char *key)
{
	if (w->need_comma[w->depth])
		put_char(w, ',');
	w->need_comma[w->depth] = true;
	if (key) {
		put_string(w, slice_from(key));
		put_char(w, ':');
	}
}

static void begin_container(struct json_writer *w, const char *key, char bracket)
{
	begin(w, key);
	put_char(w, bracket);
	if (w->depth == JSON_DEPTH_MAX) {
		w->rc = -ERR_INTERNAL;
		return;
	}
	w->need_comma[++w->depth] = false;
}

static void end_container(struct json_writer *w, char bracket)
{
	if (w->depth > 0)
		w->depth--;
	put_char(w, bracket);
}

void json_writer_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){.out = out};
}

void json_writer_finish(struct json_writer *w)
{
	if (w->rc < 0)
		buf_clear(w->out);
}

void json_object_open(struct json_writer *w, const char *key)
{
	begin_container(w, key, '{');
}

void json_object_close(struct json_writer *w)
{
	end_container(w, '}');
}

void json_array_open(struct json_writer *w, const char *key)
{
	begin_container(w, key, '[');
}

void json_array_close(struct json_writer *w)
{
	end_container(w, ']');
}

void json_put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_put_bytes(w, key, slice_from(text));
	else
		json_put_null(w, key);
}

void json_put_bytes(struct json_writer *w, const char *key, struct slice bytes)
{
	begin(w, key);
	put_string(w, bytes);
}

void json_put_base64(struct json_writer *w, const char *key, struct slice bytes)
{
	char block[BASE64_IN / 3 * 4];

	begin(w, key);
	put_char(w, '"');
	for (size_t at = 0; w->rc == 0 && at < bytes.len; at += BASE64_IN) {
		size_t len = MIN_OF(bytes.len - at, (size_t)BASE64_IN);

		base64_encode(block, bytes.data + at, len);
		put(w, block, base64_len(len));
	}
	put_char(w, '"');
}

void json_put_i64(struct json_writer *w, const char *key, int64_t number)
{
	char digits[24];

	begin(w, key);
	put(w, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRId64, number));
}

void json_put_u64(struct json_writer *w, const char *key, uint64_t number)
{
	json_put_decimal(w, key, number, 0);
}

void json_put_decimal(struct json_writer *w, const char *key, uint64_t scaled, unsigned decimals)
{
	char digits[DECIMALS_MAX + 24];
	char *at = digits + sizeof(digits);

	/* From the last digit: at least one stands before the point. */
	decimals = MIN_OF(decimals, DECIMALS_MAX);
	for (unsigned i = 0; i <= decimals || scaled > 0; i++, scaled /= 10) {
		if (i == decimals && i > 0)
			*--at = '.';
		*--at = (char)('0' + scaled % 10);
	}
	begin(w, key);
	put(w, at, (size_t)(digits + sizeof(digits) - at));
}

void json_put_ms(struct json_writer *w, const char *key, uint64_t ns)
{
	json_put_decimal(w, key, ns / NS_PER_US, 3);
}

void json_put_instant(struct json_writer *w, const char *key, uint64_t wall_ms, const char *end)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char text[64], whole[40];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03u%s", whole, (unsigned)(wall_ms % 1000), end);
	json_put_text(w, key, text);
}

void json_put_time(struct json_writer *w, const char *key, uint64_t wall_ms)
{
	if (wall_ms)
		json_put_instant(w, key, wall_ms, "Z");
	else
		json_put_null(w, key);
}

void json_put_bool(struct json_writer *w, const char *key, bool flag)
{
	begin(w, key);
	put(w, flag ? "true" : "false", flag ? 4 : 5);
}

void json_put_null(struct json_writer *w, const char *key)
{
	begin(w, key);
	put(w, "null", 4);
}

void json_put_json(struct json_writer *w, const char *key, struct slice json)
{
	begin(w, key);
	put(w, json.data, json.len);
}
