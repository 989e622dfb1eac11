/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An API key as text: "sg_", 43 base62 characters from getrandom(2) (62^43 > 2^256) and a checksum
 * of six more. The fixed prefix lets secret scanners find a leaked key; the checksum, CRC-32 of
 * everything before it, tells a mistyped key from a revoked one without a look at the database.
 * Only the SHA-256 of the whole text is kept: with 256 random bits there is nothing for a slow hash
 * to protect.
 */
#ifndef SG_STORE_KEY_TEXT_H
#define SG_STORE_KEY_TEXT_H

#include <stdint.h>

#include "base/slice.h"
#include "ipc/messages.h"

#define KEY_TEXT_PREFIX "sg_"
#define KEY_TEXT_LEN	52 /* prefix, 43 random characters, 6 of checksum */
#define KEY_TEXT_BYTES	(KEY_TEXT_LEN + 1)

/* A fresh key, NUL-terminated. 0, or -ERR_IO without randomness. */
int key_text_make(char out[static KEY_TEXT_BYTES]);

/*
 * The hash a key is known by. 0, -ERR_UNAUTHENTICATED when length, prefix, alphabet or checksum are
 * wrong (the text is then no key of any server), or -ERR_INTERNAL when OpenSSL fails.
 */
int key_text_hash(struct slice text, uint8_t out[static KEY_HASH_BYTES]);

#endif
