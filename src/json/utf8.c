/* SPDX-License-Identifier: Apache-2.0 */
#include "json/utf8.h"

#include "json/json.h"
#include "json/word.h"

bool json_utf8_valid(struct slice bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	const unsigned char *end = bytes.len ? at + bytes.len : at;

	while (at < end) {
		if (end - at >= WORD_BYTES && !word_not_ascii(word_load(at))) {
			at += WORD_BYTES;
		} else if (*at < 0x80) {
			at++;
		} else {
			int step = utf8_step(at, end);
			if (step < 0)
				return false;
			at += step;
		}
	}
	return true;
}
