/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a webhook sends, and its signature, as "Standard Webhooks" (standardwebhooks.com) has them,
 * so that receivers may use its libraries.
 */
#ifndef SG_API_WEBHOOK_H
#define SG_API_WEBHOOK_H

#include "api/execution.h"

#define WEBHOOK_SECRET_PREFIX                                                                      \
	"whsec_" /* what follows is base64 of the key; without it the text is the key */
#define WEBHOOK_KEY_BYTES_MAX 256

/* The key of a secret, in out. 0: it is none. */
size_t webhook_key(unsigned char out[static WEBHOOK_KEY_BYTES_MAX], struct slice secret);

/* An order: where to, and of which ends. Slices lead into a document that was read. */
struct webhook_order {
	struct slice url, secret; /* secret {NULL, 0}: none */
	unsigned events;	  /* bits 1 << enum execution_state */
};

void webhook_write_order(struct buf *out, const struct job_after *after);
/* 0 or -ERR_STORE; doc owns what the order leads into, and is the caller's to json_free. */
int webhook_read_order(struct slice text, struct webhook_order *ret_order,
		       struct yyjson_doc **ret_doc);

/*
 * {"type", "timestamp", "data"} of an execution that has ended; result is left out where that is
 * too large to be sent. Returns its state; EXECUTION_STATES: head is none, or out of memory.
 */
enum execution_state webhook_write_body(struct buf *out, struct slice head, struct slice result);

#endif
