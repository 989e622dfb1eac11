/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal text: written in lower case, read in either. */
#ifndef SG_BASE_HEX_H
#define SG_BASE_HEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define HEX_BYTES(count) (2 * (count) + 1) /* room for the text of so many */

/* Writes HEX_BYTES(count): the digits and a NUL. */
void hex_write(char *out, const uint8_t *bytes, size_t count);
/* 0 to 15; -1: it is no digit. */
int hex_digit(char c);
/* The text has 2 * count digits and nothing else; out is untouched if not. */
bool hex_read(uint8_t *out, size_t count, struct slice text);

#endif
