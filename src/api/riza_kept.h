/* SPDX-License-Identifier: Apache-2.0 */
/* What callers of Riza's format keep: tools, secrets, runtimes and their revisions, as documents.
 */
#ifndef SG_API_RIZA_KEPT_H
#define SG_API_RIZA_KEPT_H

#include "api/api.h"
#include "api/packages.h"
#include "json/json.h"

/* A page that a list was asked for. */
struct riza_page {
	uint32_t most;
	bool marked;	    /* only_non_zero_exit_codes */
	struct slice after; /* starting_after: the id that the last page ended with */
};

/*
 * Each makes documents of a request's body, and the answer that shows them. old: the head of the
 * document that is changed or added to; none where something new is made.
 */
struct riza_making {
	const struct api_context *api;
	struct arena *arena;
	struct yyjson_val *body, *old;
	struct buf *documents; /* document_write */
	struct buf *answer;
	const struct riza_packages *packages; /* of the manifest; NULL: nobody has tried to build them */
};

/* What came of building a manifest's packages. */
struct riza_packages {
	const char *why;    /* there are none; NULL: they are in tree */
	struct slice tree;
	const char *python; /* the version that they were built with */
};
typedef int riza_make_fn(const struct riza_making *making, struct err *err);
/* 0, or a negative code with *err. */
riza_make_fn riza_make_tool, riza_make_secret, riza_make_runtime, riza_make_revision;

/*
 * Whether the packages of the manifest have to be built before the runtime or revision is made: not where it asks
 * for none, or is wrong, or where the operator allows no index. *ret_manifest leads into the body.
 */
bool riza_needs_packages(const struct riza_making *making, enum package_kind *ret_kind, struct slice *ret_manifest);

/* Reads the query of a list. 0 or -ERR_INVALID_FIELD, -ERR_LIMIT_EXCEEDED. */
int riza_read_page(struct slice query, struct riza_page *ret_page, struct err *err);
/* {"<key>": [heads]}; bytes as document_next reads them. 0 or a negative code. */
int riza_encode_page(struct buf *out, const char *key, struct slice bytes);
/* A document's head, and its body as its details if it has one that may be shown. */
int riza_encode_kept(struct buf *out, const struct document *document);
void riza_encode_deleted(struct buf *out, struct slice id);

#endif
