/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of other origins that may use the API (Fetch standard, "CORS protocol"); off unless
 * configured. */
#ifndef SG_DOOR_CORS_H
#define SG_DOOR_CORS_H

#include "door/headers.h"
#include "door/reply.h"

/* What every answer says to the page that asked. */
void cors_add(struct header_list *list, const struct exchange *exchange);
/*
 * A browser asks, before it sends, whether it may: true if it has been answered. exchange->allow
 * has the methods of the address.
 */
bool cors_preflight(struct exchange *exchange);

#endif
