/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a session or a snapshot as a tar archive (session/tar.h). */
#ifndef SG_DOOR_SESSION_ARCHIVE_H
#define SG_DOOR_SESSION_ARCHIVE_H

#include "door/reply.h"
#include "session/tree.h"

#define ARCHIVE_TYPE "application/x-tar"

struct archive_source {
	struct session_tree *tree;
	const int *fds;         /* of its packs */
	unsigned pack_count;
	uint64_t created_ms;    /* the time of directories and links, which have none */
	const char *name;       /* of the file, without ".tar" */
};

/*
 * The directory that the query's `path` names: its root, and *ret_path->len 0 for all of that; {NULL, 0}: none is named.
 * 0 or -ERR_INVALID_FIELD.
 */
int archive_read_directory(const struct exchange *exchange, unsigned *ret_root, struct slice *ret_path, struct err *err);
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
