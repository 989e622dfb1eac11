/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed answers: gzip (RFC 1952) and zstd (RFC 8878), in steps, so that nobody waits for a
 * large one. */
#ifndef SG_DOOR_CODING_H
#define SG_DOOR_CODING_H

#include "base/buf.h"

enum coding { CODING_IDENTITY, CODING_GZIP, CODING_ZSTD, CODING_COUNT };

/* What a client likes best of these by its Accept-Encoding (RFC 9110, 12.5.3); zstd of equals. */
enum coding coding_choose(struct slice accept);
const char *coding_name(enum coding coding); /* NULL: identity */

struct coder;

/* Bytes that one step reads: at the level used here, less than a few milliseconds. */
#define CODING_STEP_BYTES (128 * KIB)

/* in must stay as it is until the end. NULL out of memory. */
struct coder *coder_create(enum coding coding, struct slice in);
void coder_destroy(struct coder *coder);
/* 1 when all is done, 0 when there is more, -ERR_TOO_LARGE when it does not become smaller. */
int coder_step(struct coder *coder);
/* What has come out; owned by the coder, and may be moved away. */
struct buf *coder_out(struct coder *coder);

#endif
