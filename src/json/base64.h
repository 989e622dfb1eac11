/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_JSON_BASE64_H
#define SG_JSON_BASE64_H

#include <stddef.h>

/* Characters for len bytes, padding included. */
static inline size_t base64_len(size_t len)
{
	return (len + 2) / 3 * 4;
}

/* Writes base64_len(len) characters, no NUL. */
void base64_encode(char *out, const void *data, size_t len);

#endif
