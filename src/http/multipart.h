/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multipart/form-data (RFC 7578; RFC 2046, 5.1.1) as it arrives, in constant memory. Strict: no
 * preamble, no epilogue, no padding behind delimiters, no transfer encodings; nobody sends those.
 */
#ifndef SG_HTTP_MULTIPART_H
#define SG_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

#define MULTIPART_BOUNDARY_BYTES_MAX 70u /* RFC 2046, 5.1.1 */
#define MULTIPART_HEAD_BYTES_MAX     2048u
#define MULTIPART_NAME_BYTES_MAX     64u

enum multipart_event {
	MULTIPART_MORE, /* all bytes are used */
	MULTIPART_PART, /* a part begins: name and type are its */
	MULTIPART_DATA, /* some of its bytes */
	MULTIPART_END,  /* that was the last part's last byte */
};

struct multipart {
	char delimiter[4 + MULTIPART_BOUNDARY_BYTES_MAX]; /* CRLF "--" boundary */
	size_t delimiter_bytes;
	size_t matched;         /* bytes of it that have come, and may yet be the part's */
	unsigned state;
	char head[MULTIPART_HEAD_BYTES_MAX];
	size_t head_bytes;
	char name[MULTIPART_NAME_BYTES_MAX + 1];
	struct slice type;      /* Content-Type, in head; empty if there is none */
};

/* Of a request's Content-Type. False: it is another, or has no boundary of the allowed characters. */
bool multipart_init(struct multipart *multipart, struct slice content_type);
/*
 * Cuts what it takes off the front of *bytes, and says what it came upon: an enum multipart_event, or
 * -ERR_BAD_REQUEST. *ret_data: with DATA, in *bytes or in *multipart, until the next call.
 */
int multipart_next(struct multipart *multipart, struct slice *bytes, struct slice *ret_data,
                   struct err *err);
/* All parts have ended; if the body ends before that it is not complete. */
bool multipart_ended(const struct multipart *multipart);

#endif
