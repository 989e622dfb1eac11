/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the door: one place that adds the headers every answer has. */
#ifndef SG_DOOR_REPLY_H
#define SG_DOOR_REPLY_H

#include "door/door.h"
#include "engine/quota.h"

/* What is known of a request while it is handled; in the request's arena. */
struct exchange {
	struct door *door;
	struct http_request *request;
	void (*handler)(struct exchange *exchange);
	struct key *key;            /* NULL on open routes */
	struct quota_answer quota;  /* limit QUOTA_UNLIMITED: no headers */
	const char *allow;          /* Allow, with a 405; NULL: none */
	char id[ID_BYTES];          /* X-Request-Id, and request_id in errors */
};

/* The request is gone afterwards. body's memory is taken over. */
void reply_body(struct exchange *exchange, int status, const char *content_type, struct buf *body);
void reply_json(struct exchange *exchange, int status, struct buf *body);
/* Status and body of err. */
void reply_error(struct exchange *exchange, const struct err *err);

#endif
