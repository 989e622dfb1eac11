/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions and snapshots as JSON: what a request for one says, what the database has, what answers say. */
#ifndef SG_API_SESSION_H
#define SG_API_SESSION_H

#include "api/draft.h"
#include "json/json.h"

/* The head of a document of kind SESSION or SNAPSHOT. */
struct session_facts {
	char name[SESSION_ID_BYTES];     /* as its caller knows it */
	char language[MSG_NAME_BYTES];   /* "": any */
	uint64_t created_ms, ttl_ms, expires_ms; /* of a snapshot: expires_ms 0 */
	uint64_t used_bytes, files;
	struct job_limits limits;        /* of each of its runs; 0: as without */
	bool implicit;                   /* made by the way, by an execute */
	bool stateful, background;       /* door/session_resident.h */
	bool has_state;                  /* an interpreter was begun */
	struct slice env_names;          /* JSON, an array */
};

int session_facts_write(struct buf *out, const struct session_facts *facts);
/* env_names leads into head. 0 or -ERR_STORE. */
int session_facts_read(struct session_facts *ret_facts, struct slice head);
/* ["A", "B"] of "A=1" and "B=2", in the arena; {NULL, 0} out of memory. */
struct slice session_env_names(const struct slice *env, size_t count, struct arena *arena);

/* What POST /v1/sessions says. */
struct session_request {
	struct draft draft;       /* spec.env, set.files */
	struct session_facts facts;
	struct slice id, from;    /* {NULL, 0}: none */
	bool has_env, has_ttl, has_limits;
};

/* Of the body; memory in the arena. 0 or a negative code with *err. */
int session_decode(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
		   struct session_request *ret_request, struct err *err);
/* PATCH: ttl_ms and env alone. */
int session_decode_change(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
			  struct session_request *ret_request, struct err *err);

/* Whether it can be the name of a session: 1 to 64 of letters, digits, '_' and '-'. */
bool session_name_is_good(struct slice name);
/* Of the form that this server gives. */
bool session_name_is_ours(struct slice name);
/* The id of its document: names are longer than ids are. */
void session_document_id(char out[static ID_BYTES], struct slice name);

/* Rows of request tables: ctx is a struct draft. */
int draft_read_stateful(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_background(struct yyjson_val *value, const char *path, void *ctx, struct err *err);
int draft_read_session(struct yyjson_val *value, const char *path, void *ctx, struct err *err);

void session_put(struct json_writer *w, const char *key, const struct session_facts *facts);
void snapshot_put(struct json_writer *w, const char *key, const struct session_facts *facts, const char *id);

#endif
