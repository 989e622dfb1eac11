/* SPDX-License-Identifier: Apache-2.0 */
/* One header line, in requests and replies. */
#ifndef SG_HTTP_HEADER_H
#define SG_HTTP_HEADER_H

#include "base/slice.h"

struct http_header {
	struct slice name, value; /* as sent; value without surrounding white space */
};

/* Equal without regard to the case of ASCII letters. */
bool header_text_is(struct slice text, struct slice other);
/* Without spaces and tabs around it. */
struct slice header_trim(struct slice text);
/* Whether a list (RFC 9110 5.6.1) has the item, whatever its parameters ("a;q=1, item;x"). */
bool header_list_has(struct slice list, struct slice item);
/* RFC 9110 5.6.2: what methods and header names are made of. */
bool header_is_token(struct slice text);
/* No control byte but HTAB; bytes above 127 are allowed (RFC 9110 5.5, obs-text). */
bool header_is_value(struct slice text);

#endif
