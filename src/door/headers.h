/* SPDX-License-Identifier: Apache-2.0 */
/* The header lines of one answer while they are gathered. */
#ifndef SG_DOOR_HEADERS_H
#define SG_DOOR_HEADERS_H

#include "http/http.h"

#define HEADERS_MAX 20

struct header_list {
	struct arena *arena; /* numbers are written there */
	struct http_header rows[HEADERS_MAX];
	size_t count;
};

/* Both are kept by reference; value NULL: no line. */
void header_add(struct header_list *list, const char *name, const char *value);
void header_add_slice(struct header_list *list, const char *name, struct slice value);
void header_add_number(struct header_list *list, const char *name, uint64_t number);

#endif
