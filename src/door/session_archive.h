/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a session or a snapshot as a tar archive (session/tar.h). */
#ifndef SG_DOOR_SESSION_ARCHIVE_H
#define SG_DOOR_SESSION_ARCHIVE_H

#include "door/reply.h"
#include "session/tree.h"

struct archive_source {
	struct session_tree *tree;
	const int *fds;         /* of its packs */
	unsigned pack_count;
	uint64_t created_ms;    /* the time of directories and links, which have none */
	const char *name;       /* of the file, without ".tar" */
};

/* What the query's `format` or the Accept header asks for. 1: an archive, 0: the list, -ERR_INVALID_FIELD. */
int archive_wanted(const struct exchange *exchange, struct err *err);
struct archive;

/*
 * The files below the query's `path`, or all; what it needs of the source it holds, until archive_send. In the request's
 * arena. NULL with *err: nothing is held.
 */
struct archive *archive_create(struct exchange *exchange, const struct archive_source *source, struct err *err);
/* Answers with it. */
void archive_send(struct archive *archive);

#endif
