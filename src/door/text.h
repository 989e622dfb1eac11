/* SPDX-License-Identifier: Apache-2.0 */
/* Output that is passed on as text in parts: a character is not cut in two. */
#ifndef SG_DOOR_TEXT_H
#define SG_DOOR_TEXT_H

#include "base/slice.h"
#include "base/util.h"

#define TEXT_PART_BYTES (64 * KIB)

/* The bytes of a character that has not come in full. All zero at the beginning. */
struct text_tail {
	char bytes[4];
	size_t len;
};

/*
 * The next part of what has come, which *data loses: whole characters, and what is none. It stays
 * until the next call for any tail; it may be empty. To be called until *data is.
 */
struct slice text_part(struct text_tail *tail, struct slice *data);
/* What is left at the end of the stream. */
struct slice text_rest(struct text_tail *tail);

#endif
