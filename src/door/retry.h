/* SPDX-License-Identifier: Apache-2.0 */
/* Between exchanges and once.h: a POST that names itself by an Idempotency-Key. */
#ifndef SG_DOOR_RETRY_H
#define SG_DOOR_RETRY_H

#include "door/reply.h"

/* True if it is to be handled; else it has been answered, with what the first one got or an error.
 */
bool exchange_is_first(struct exchange *exchange);
struct once_question;
/* What a request with the header asks; its own is in exchange->once. False out of memory. */
bool exchange_question(const struct exchange *exchange, struct once_question *ret_question);
/* This is the answer that others with the same key will get, if it is one to keep. */
void exchange_keep(struct exchange *exchange, int status, const char *content_type,
		   struct slice body);

#endif
