/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies at rest: AES-256-GCM (NIST SP 800-38D) under a key in a file beside the database, mode
 * 0600, made when the first body is sealed. So a copy of the database alone, or a row moved to
 * another owner, kind or id, gives nothing away. Who has both files, or is the store, can read
 * them.
 */
#ifndef SG_STORE_SEAL_H
#define SG_STORE_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SEAL_KEY_FILE  "documents.key"
#define SEAL_KEY_BYTES 32

struct seal {
	int dir_fd; /* the caller's */
	bool loaded;
	uint8_t key[SEAL_KEY_BYTES];
};

/*
 * Appends nonce, ciphertext and tag of plain, bound to the name. 0, -ERR_STORE (no key, and none
 * can be made), -ERR_TOO_LARGE or -ERR_NO_MEMORY.
 */
int seal_close(struct seal *seal, struct slice name, struct slice plain, struct buf *out,
	       struct err *err);
/* Appends the plain text. 0, -ERR_STORE (no key, or not sealed with it under that name), or as
 * above. */
int seal_open(struct seal *seal, struct slice name, struct slice sealed, struct buf *out,
	      struct err *err);

#endif
