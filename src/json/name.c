/* SPDX-License-Identifier: Apache-2.0 */
/* Names of fields: paths for error messages, and the nearest name to a wrong one. */
#include "json/name.h"

#include <ctype.h>
#include <stdio.h>

#include "base/util.h"
#include "json/json.h"

/* Longer names are not compared: a row of the table below is this wide. */
#define NAME_MAX_BYTES 40

/* So many first letters alike make a pair of names such as "memory" and "memory_bytes". */
#define NAME_STEM_MIN 3

/* Appends what fits, never half a character. */
static size_t path_append(char *out, size_t used, struct slice text)
{
	size_t room = JSON_PATH_BYTES - 1 - used;
	size_t len = MIN_OF(text.len, room);

	while (len < text.len && len > 0 && ((unsigned char)text.data[len] & 0xC0) == 0x80)
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		out[used + i] = c < 0x20 || c == 0x7F ? '?' : (char)c;
	}
	out[used + len] = '\0';
	return used + len;
}

void json_path_key(char out[static JSON_PATH_BYTES], const char *path, struct slice key)
{
	size_t used = path_append(out, 0, slice_from(path));

	if (used > 0)
		used = path_append(out, used, SLICE_LITERAL("."));
	path_append(out, used, key);
}

void json_path_index(char out[static JSON_PATH_BYTES], const char *path, size_t index)
{
	char digits[24];
	size_t used = path_append(out, 0, slice_from(path));

	snprintf(digits, sizeof(digits), "[%zu]", index);
	path_append(out, used, slice_from(digits));
}

/* Lower case, without '_' and '-'. Returns the length, 0 if it is too long to compare. */
static size_t normalise(char out[static NAME_MAX_BYTES], struct slice name)
{
	size_t len = 0;

	if (name.len > NAME_MAX_BYTES)
		return 0;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] != '_' && name.data[i] != '-')
			out[len++] = (char)tolower((unsigned char)name.data[i]);
	return len;
}

/* Levenshtein's distance, one row at a time. */
static unsigned edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned row[NAME_MAX_BYTES + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			row[j] = MIN_OF(MIN_OF(row[j], row[j - 1]) + 1, replaced);
		}
	}
	return row[b_len];
}

unsigned name_distance(struct slice written, struct slice name)
{
	char a[NAME_MAX_BYTES], b[NAME_MAX_BYTES];
	size_t a_len = normalise(a, written), b_len = normalise(b, name);
	size_t shorter = MIN_OF(a_len, b_len), longer = MAX_OF(a_len, b_len);

	if (shorter == 0)
		return UINT_MAX;
	unsigned distance = edits(a, a_len, b, b_len);
	if (distance <= (longer + 2) / 4)
		return distance;
	if (shorter >= NAME_STEM_MIN && memcmp(a, b, shorter) == 0)
		return (unsigned)longer;
	return UINT_MAX;
}
