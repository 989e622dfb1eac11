/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages of a manifest. They are found and unpacked by a program in a jail
 * (packages/), which says what it wants of the index, and has it in the next run; in the
 * end it leaves a tree: so many times two numbers of 32 bits, in the machine's order, a name of the
 * first and data of the second number of bytes. Trees are kept in the store, and are files of the
 * runs that have them.
 */
#ifndef SG_API_PACKAGES_H
#define SG_API_PACKAGES_H

#include "api/api.h"

enum package_kind { PACKAGES_PYTHON, PACKAGES_NPM, PACKAGES_KINDS };

#define PACKAGES_FILES_MAX  3072
#define PACKAGES_TREE_BYTES (DOCUMENT_BYTES_MAX - 64 * KIB)
#define PACKAGES_ROUNDS_MAX 256	       /* each older version that is tried may need one */
#define PACKAGES_GOT_MAX    1500       /* files of the index for one build */
#define PACKAGES_GOT_BYTES  (64 * MIB) /* all of them together */
#define PACKAGES_ASK_FILE   ".ask.json"
#define PACKAGES_GOT_FILE   ".got.json"
#define PACKAGES_ANSWER	    ".answer.json"
#define PACKAGES_TREE	    ".tree"

/* "python" or "npm". */
const char *packages_kind_name(enum package_kind kind);
/* Below the working directory, without the slash; "" for npm, whose trees begin with node_modules.
 */
const char *packages_directory(enum package_kind kind);
/* The index that the operator allows; {NULL, 0}: none. */
struct slice packages_index(const struct config *config, enum package_kind kind);

/* One that has come, or could not be had. */
struct packages_got {
	struct slice url;
	uint32_t status;
	struct buf bytes; /* owned by who has the build */
};

/*
 * The job of one round; its memory is the arena's, or got's. 0; -ERR_UNKNOWN_LANGUAGE if this
 * server has no Python to do it with, -ERR_LIMIT_EXCEEDED, -ERR_NO_MEMORY.
 */
int packages_make_job(struct job_spec *ret_spec, const struct api_context *api, struct arena *arena,
		      enum package_kind kind, struct slice manifest, const struct packages_got *got,
		      size_t count, struct err *err);

/* What a round has left, checked as hostile. */
struct packages_answer {
	struct yyjson_doc *doc;	 /* owned: json_free */
	struct yyjson_val *need; /* [[url, accept], ...], NULL: it is done, and tree is there */
	struct slice tree;	 /* leads into the result */
};
/* 0; or -ERR_INVALID_FIELD with why there will be no packages, in words for the caller. */
int packages_read_answer(struct packages_answer *ret_answer, const struct job_result *result,
			 struct err *err);
/* One of need: false if it is none. They have no control characters. */
bool packages_read_need(struct yyjson_val *row, struct slice *ret_url, struct slice *ret_accept);

/*
 * Adds a tree's files to those of a decoded job, copied into the arena, and what its runtime needs
 * to find them. 0, -ERR_STORE if it is no tree, -ERR_NO_MEMORY.
 */
int packages_attach(struct job_spec *spec, struct arena *arena, enum package_kind kind,
		    struct slice tree, struct err *err);

#endif
