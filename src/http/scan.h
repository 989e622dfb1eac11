/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict look at raw bytes before llhttp sees them. Every shape refused here is one that some
 * other HTTP implementation reads differently, which is what request smuggling is made of.
 */
#ifndef SG_HTTP_SCAN_H
#define SG_HTTP_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* All zero before a head's first byte. */
struct scan {
	size_t at;          /* bytes looked at */
	size_t line_start;
	unsigned lines;     /* complete ones, the request line included */
	size_t skipped;     /* 2 after one empty line in front of the request line */
};

/*
 * Goes on where it stopped: data is the head so far, from its first byte. Returns the length of the
 * head with its empty line once it is complete, 0 while it is not, -ERR_BAD_REQUEST,
 * -ERR_URI_TOO_LONG or -ERR_HEADERS_TOO_LARGE with the reason in *ret_why.
 */
ssize_t scan_head(struct scan *scan, const char *data, size_t len, const char **ret_why);

/*
 * May byte stand behind the byte before (0 at the start of a line) in a line that ends in CRLF?
 * NULL, or the reason why not.
 */
const char *scan_byte(char before, char byte);

#endif
