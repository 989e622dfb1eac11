/* SPDX-License-Identifier: Apache-2.0 */
#include "door/text.h"

/* How many bytes at the end are a character that is cut. */
static size_t cut_bytes(struct slice text)
{
	for (size_t i = 1; i <= MIN_OF(text.len, 3u); i++) {
		unsigned char c = (unsigned char)text.data[text.len - i];
		size_t whole = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
		if ((c & 0xC0) != 0x80)
			return whole > i ? i : 0;
	}
	return 0;
}

struct slice text_part(struct text_tail *tail, struct slice *data)
{
	static char text[sizeof(tail->bytes) + TEXT_PART_BYTES];
	size_t taken = MIN_OF(data->len, TEXT_PART_BYTES);
	struct slice all = {text, tail->len + taken};

	memcpy(text, tail->bytes, tail->len);
	memcpy(text + tail->len, data->data, taken);
	*data = (struct slice){data->data + taken, data->len - taken};
	tail->len = cut_bytes(all);
	all.len -= tail->len;
	memcpy(tail->bytes, text + all.len, tail->len);
	return all;
}

struct slice text_rest(struct text_tail *tail)
{
	struct slice rest = {tail->bytes, tail->len};

	tail->len = 0;
	return rest;
}
