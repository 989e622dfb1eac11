/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where json.loads of Python (3.11) gives up, and its words. Clients of services written in Python
 * are shown them, and they are not those of our parser; so this reads the text once more, after
 * that has refused it.
 */
#include <string.h>

#include "api/nadoo.h"

struct scan {
	const char *begin, *at, *end;
	const char *bad; /* where it gives up; NULL: it has not yet */
	const char *words;
};

static bool give_up(struct scan *scan, const char *at, const char *words)
{
	scan->bad = at;
	scan->words = words;
	return false;
}

static void skip_space(struct scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\n\r", *scan->at) && *scan->at)
		scan->at++;
}

static bool next_is(const struct scan *scan, char c)
{
	return scan->at < scan->end && *scan->at == c;
}

static bool take(struct scan *scan, char c)
{
	bool there = next_is(scan, c);

	scan->at += there;
	return there;
}

static bool is_hex(const char *at)
{
	return (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f') ||
	       (*at >= 'A' && *at <= 'F');
}

/* Behind a backslash. */
static bool scan_escape(struct scan *scan, const char *opening)
{
	if (scan->at == scan->end)
		return give_up(scan, opening, "Unterminated string starting at");
	char c = *scan->at++;
	if (c && c != 'u' && strchr("\"\\/bfnrt", c))
		return true;
	if (c != 'u')
		return give_up(scan, scan->at - 2, "Invalid \\escape");
	const char *digits = scan->at;
	for (int i = 0; i < 4; i++)
		if (digits + 4 >= scan->end || !is_hex(digits + i))
			return give_up(scan, digits - 1, "Invalid \\uXXXX escape");
	scan->at += 4;
	return true;
}

static bool scan_string(struct scan *scan)
{
	const char *opening = scan->at++;

	while (scan->at < scan->end && *scan->at != '"') {
		unsigned char c = (unsigned char)*scan->at;
		if (c < 0x20)
			return give_up(scan, scan->at, "Invalid control character at");
		scan->at++;
		if (c == '\\' && !scan_escape(scan, opening))
			return false;
	}
	return take(scan, '"') || give_up(scan, opening, "Unterminated string starting at");
}

static bool is_digit(const struct scan *scan)
{
	return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static void skip_digits(struct scan *scan)
{
	while (is_digit(scan))
		scan->at++;
}

/* Digits behind what begins them; without digits that is not of the number: it stands there next.
 */
static void skip_part(struct scan *scan, const char *beginnings, const char *signs)
{
	const char *begin = scan->at;

	if (scan->at == scan->end || !*scan->at || !strchr(beginnings, *scan->at))
		return;
	scan->at++;
	if (scan->at < scan->end && *scan->at && strchr(signs, *scan->at))
		scan->at++;
	if (!is_digit(scan))
		scan->at = begin;
	else
		skip_digits(scan);
}

static bool scan_number(struct scan *scan)
{
	const char *begin = scan->at;

	take(scan, '-');
	if (!is_digit(scan))
		return give_up(scan, begin, "Expecting value");
	if (!take(scan, '0'))
		skip_digits(scan);
	skip_part(scan, ".", "");
	skip_part(scan, "eE", "+-");
	return true;
}

static bool scan_word(struct scan *scan)
{
	static const char *const words[] = {"null", "true",	"false",
					    "NaN",  "Infinity", "-Infinity"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);
		if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, words[i], len) != 0)
			continue;
		scan->at += len;
		return true;
	}
	return scan_number(scan);
}

static bool scan_value(struct scan *scan, unsigned depth);

static bool scan_member(struct scan *scan, unsigned depth)
{
	if (!next_is(scan, '"'))
		return give_up(scan, scan->at, "Expecting property name enclosed in double quotes");
	if (!scan_string(scan))
		return false;
	skip_space(scan);
	if (!take(scan, ':'))
		return give_up(scan, scan->at, "Expecting ':' delimiter");
	skip_space(scan);
	return scan_value(scan, depth);
}

static bool scan_container(struct scan *scan, char closing, unsigned depth)
{
	bool (*item)(struct scan *, unsigned) = closing == '}' ? scan_member : scan_value;

	scan->at++;
	skip_space(scan);
	if (take(scan, closing))
		return true;
	for (;;) {
		if (!item(scan, depth + 1))
			return false;
		skip_space(scan);
		if (take(scan, closing))
			return true;
		if (!take(scan, ','))
			return give_up(scan, scan->at, "Expecting ',' delimiter");
		skip_space(scan);
	}
}

static bool scan_value(struct scan *scan, unsigned depth)
{
	if (depth > JSON_DEPTH_MAX)
		return false;
	if (next_is(scan, '"'))
		return scan_string(scan);
	if (next_is(scan, '{'))
		return scan_container(scan, '}', depth);
	if (next_is(scan, '['))
		return scan_container(scan, ']', depth);
	return scan_word(scan);
}

/* Python counts characters: bytes that do not continue one in UTF-8. */
static size_t characters(const char *begin, const char *end)
{
	size_t count = 0;

	for (const char *at = begin; at < end; at++)
		count += ((unsigned char)*at & 0xC0) != 0x80;
	return count;
}

bool python_json_error(struct slice text, size_t *ret_at, const char **ret_words)
{
	struct scan scan = {.begin = text.data, .at = text.data, .end = text.data + text.len};

	skip_space(&scan);
	if (scan_value(&scan, 0)) {
		skip_space(&scan);
		if (scan.at < scan.end)
			give_up(&scan, scan.at, "Extra data");
	}
	if (!scan.bad)
		return false;
	*ret_at = characters(scan.begin, scan.bad);
	*ret_words = scan.words;
	return true;
}
