/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the door: one place that adds the headers every answer has. */
#ifndef SG_DOOR_REPLY_H
#define SG_DOOR_REPLY_H

#include "api/api.h"
#include "door/door.h"
#include "engine/quota.h"

struct header_list;
struct yyjson_doc;

/* What is known of a request while it is handled; in the request's arena. */
struct exchange {
	struct door *door;
	struct http_request *request;
	struct api_request api;     /* what its dialect sees of it */
	struct arena *memory;       /* of its job: the request's, or one that lives longer */
	unsigned formats;           /* of the route: bits 1 << enum dialect_id */
	const struct dialect *dialect;
	bool body_refused;          /* api.body is not what the dialect takes */
	void (*handler)(struct exchange *exchange);
	struct key *key;            /* NULL on open routes */
	struct quota_answer quota;  /* limit QUOTA_UNLIMITED: no headers */
	bool no_retry;              /* the answer is an error of ours that sending again cannot mend */
	const char *allow;          /* Allow, with a 405; NULL: none */
	const char *location;       /* Location; NULL: none */
	const char *preference;     /* Preference-Applied (RFC 7240, 3); NULL: none */
	struct once_entry *once;    /* its Idempotency-Key's, until it is answered; NULL: none */
	bool replayed;              /* the answer is an earlier request's */
	char id[ID_BYTES];          /* X-Request-Id, and request_id in errors */
};

/* The request is gone afterwards. body's memory is taken over. */
void reply_body(struct exchange *exchange, int status, const char *content_type, struct buf *body);
void reply_json(struct exchange *exchange, int status, struct buf *body);
/*
 * Begins an answer in pieces (http_stream_write) with status 200 and the headers that every answer has, and extra
 * if it is not NULL. 0, or a negative code: the request is still to be answered.
 */
int reply_stream(struct exchange *exchange, const char *content_type, const struct header_list *extra);
/* An answer in pieces whose length is known. */
struct reply_sized {
	int status;
	const char *content_type;
	uint64_t size;
	const struct header_list *headers;
};
/* As reply_stream. */
int reply_sized(struct exchange *exchange, const struct reply_sized *sized);
/* Status and body of err, as the exchange's dialect says it. */
void reply_error(struct exchange *exchange, const struct err *err);

/*
 * Parses the body, if there is one, into exchange->api.body and decides whose the request is; the
 * document is the caller's to json_free. 0 or a negative code with *err.
 */
int exchange_parse(struct exchange *exchange, struct yyjson_doc **ret_doc, struct err *err);
/*
 * Parses and decodes; *ret_doc (NULL if there is none) is the caller's to json_free, after an error
 * has been answered. 0 or a negative code with *err.
 */
int exchange_decode(struct exchange *exchange, struct job_spec *ret_spec,
		    struct yyjson_doc **ret_doc, struct err *err);
/*
 * Hands a job that is complete to the engine, after guard_apply: every job of a client goes this way. 0, or a
 * negative code with *err: still the caller's.
 */
int exchange_submit(struct exchange *exchange, struct job *job, struct err *err);
/* The same for a job that has no exchange, in this dialect. */
int door_submit(struct door *door, const struct dialect *dialect, struct job *job, struct err *err);
struct api_context exchange_context(const struct exchange *exchange);
struct api_context door_context(const struct door *door, const struct key *key);
/* What stood for the at-th {} of the route, percent-decoded; empty out of memory. */
struct slice exchange_param(const struct exchange *exchange, unsigned at);
/* A parameter of the query, percent-decoded; {NULL, 0}: it is not there. */
struct slice exchange_query(const struct exchange *exchange, const char *name);

#endif
