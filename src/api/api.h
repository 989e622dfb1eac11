/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dialect: one wire format. Decodes a request's body into a job_spec and writes results and
 * errors. One file per dialect; it touches neither sockets nor processes.
 */
#ifndef SG_API_API_H
#define SG_API_API_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "engine/job.h"
#include "ipc/document.h"
#include "runtime/runtime.h"

struct scan;
struct yyjson_val;

/* What decoders check against. */
struct api_context {
	const struct config *config;
	const struct runtime_table *runtimes;
	const struct scan *scan;      /* empty: there is no scanner */
	const struct key_limits *key; /* the caller's maxima; NULL: the server's */
	bool sessions;                /* this server has a database to keep them in */
};

#define API_PARAMS_MAX 3

/* What a dialect sees of an HTTP request. */
struct api_request {
	struct slice path, query;            /* as sent, the path without the mount */
	struct slice params[API_PARAMS_MAX]; /* what stood for each {} of the route */
	struct yyjson_val *body;             /* NULL: none; its strings live in the arena */
	bool connected;                      /* it came by a WebSocket that stays for its run */
	struct slice text;                   /* the body as sent, also if it is no JSON */
	/* The header's value, name in any case; {NULL, 0} if absent. */
	struct slice (*header)(const struct api_request *request, const char *name);
	const void *http;                    /* the header function's */
};

/* A document of the store that a run needs. */
struct document_need {
	enum document_kind kind;
	struct slice id, parent;
};

enum dialect_id {
#define X(name, object, mount) DIALECT_##name,
#include "api/dialects.def"
#undef X
	DIALECT_COUNT
};

struct dialect {
	const char *name;
	bool any_media_type; /* its clients send JSON under other names as well */
	bool empty_is_object; /* no body means {} */
	const char *challenge; /* WWW-Authenticate of a 401 (RFC 9110, 11.6.1); NULL: Bearer */
	/*
	 * Fills *ret_spec; its memory is in arena, which needs room for twice the body and 1 MiB.
	 * 0 or a negative code with *err.
	 */
	int (*decode)(const struct api_context *api, const struct api_request *request,
		      struct arena *arena, struct job_spec *ret_spec, struct err *err);
	/* These return the HTTP status, and leave out empty if it could not be written in full. */
	int (*encode_result)(struct buf *out, const struct job_spec *spec,
			     const struct job_result *result);
	int (*encode_error)(struct buf *out, const struct err *err, const char *request_id);
	/* NULL, or instead of encode_error where a request's body was refused: what is wrong with it. */
	int (*encode_refusal)(struct buf *out, const struct api_request *request,
			      const struct err *err);
	/*
	 * NULL, or what of the store a decoded run needs before it can start: asked until it returns
	 * false. What was found goes to take, NULL if there is none of that id; 0 or a negative code.
	 */
	bool (*next_need)(const struct job_spec *spec, struct document_need *ret_need);
	int (*take)(const struct api_context *api, struct arena *arena, struct job_spec *spec,
		    const struct document *document, struct err *err);
	/*
	 * NULL, or what is kept of a run: fills *ret_document, its memory is out's. answer is what
	 * encode_result wrote. False if there is not enough memory.
	 */
	bool (*encode_record)(struct buf *out, const struct api_request *request,
			      const struct job_spec *spec, const struct job_result *result,
			      struct slice answer, struct document *ret_document);
	int (*encode_runtimes)(struct buf *out, const struct api_context *api);
};

extern const struct dialect *const dialects[DIALECT_COUNT];
#define X(name, object, mount) extern const struct dialect dialect_##object;
#include "api/dialects.def"
#undef X

/* In a mask of dialects: no mount is in front of the path. */
#define DIALECT_UNMOUNTED (1u << 31)
_Static_assert(DIALECT_COUNT < 31, "a mask has a bit for each");
/*
 * Whose mount path begins with: their bits, and *path is what follows; several formats may share one.
 * Without a mount: all of them and DIALECT_UNMOUNTED.
 */
unsigned dialects_of_mount(struct slice *path);
/*
 * Whose the request is, of those in mask (bits 1 << enum dialect_id, not empty). Before the body is
 * there (NULL) headers alone decide.
 */
enum dialect_id dialect_of_request(const struct api_request *request, unsigned mask);

/* The value of a name in a query, as it was sent; {NULL, 0} if absent. */
struct slice api_query_value(struct slice query, const char *name);

#endif
