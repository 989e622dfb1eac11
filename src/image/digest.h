/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as hexadecimal text. */
#ifndef SG_IMAGE_DIGEST_H
#define SG_IMAGE_DIGEST_H

#include <stddef.h>

#define DIGEST_BYTES 65 /* 64 digits and a NUL */

void digest_data(char out[static DIGEST_BYTES], const void *data, size_t len);
/* Of all that fd still has to read. 0, or -1 with errno. */
int digest_fd(char out[static DIGEST_BYTES], int fd);

#endif
