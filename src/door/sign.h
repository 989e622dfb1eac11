/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_DOOR_SIGN_H
#define SG_DOOR_SIGN_H

#include <stdint.h>

#include "base/slice.h"

#define SIGNATURE_BYTES 64 /* "v1," and the base64 of a SHA-256, NUL */

/*
 * The value of webhook-signature: an HMAC (RFC 2104) of "id.time_s.body" by the secret
 * (api/webhook.h). 0, or -ERR_NO_MEMORY.
 */
int sign_webhook(char out[static SIGNATURE_BYTES], struct slice secret, const char *id,
		 uint64_t time_s, struct slice body);

#endif
