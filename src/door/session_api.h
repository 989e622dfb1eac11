/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of sessions and of their files share. */
#ifndef SG_DOOR_SESSION_API_H
#define SG_DOOR_SESSION_API_H

#include "door/reply.h"
#include "door/sessions.h"

/* One request of /v1/sessions while it waits; in its arena. */
struct session_call {
	struct exchange *exchange;
	struct session_user user;
	struct session_keep keep;
	struct document_wait wait;
	void (*fn)(struct session_call *call); /* its session is there */
	void (*then)(struct session_call *call); /* what it has changed is kept */
	struct session_request request;
	struct session_change *changes;          /* in the arena, with room */
	size_t change_count;
	unsigned root;                           /* of the path in the address */
	struct slice path;
	struct session_upload *upload;           /* its body comes in pieces; NULL: it does not (session_upload.c) */
	char name[SESSION_ID_BYTES];
	char id[ID_BYTES];                       /* of a snapshot */
	struct buf answer;                       /* owned */
};

/* NULL: answered. */
struct session_call *call_begin(struct exchange *exchange, void (*fn)(struct session_call *call));
/* Waits for the session of that name; then fn. */
void call_enter(struct session_call *call, struct slice name, enum session_use use);
/* Keeps its changes; then `then`. */
void call_keep(struct session_call *call, void (*then)(struct session_call *call));
/* A place for one more change; NULL out of memory, which is then answered. */
struct session_change *call_change(struct session_call *call, size_t most);
/*
 * Adds a file or directory and the directories above it that are not there yet. 0, -ERR_CONFLICT, -ERR_LIMIT_EXCEEDED or
 * -ERR_NO_MEMORY.
 */
int call_put(struct session_call *call, const struct session_tree *tree, const struct session_change *change,
	     struct err *err);
/* The members that say which files there are. */
void session_put_files(struct json_writer *w, const struct session_tree *tree, struct arena *arena);
/* All end the call. */
void call_fail(struct session_call *call, const struct err *err);
void call_reply(struct session_call *call, int status, const char *content_type);
void call_fail_code(struct session_call *call, int rc);
/* With what is said of a thing that was deleted. */
void call_reply_gone(struct session_call *call, struct slice id);
/* Asks the database for that snapshot, or fails. */
void call_ask_snapshot(struct session_call *call, struct slice id, enum document_op op,
		       void (*fn)(struct document_wait *));
/* Leaves the session and frees what is the call's; without an answer. */
void call_end(struct session_call *call);

/* --- of a file: session_files.c --- */

/* The path in the address: 0 or -ERR_INVALID_FIELD. */
int file_read_path(const struct exchange *exchange, unsigned *ret_root, struct slice *ret_path, struct err *err);
/* 0, -ERR_NOT_FOUND, or -ERR_CONFLICT: it is no file, or below one. */
int file_find(const struct session_tree *tree, unsigned root, struct slice path, const struct pack_item **ret_item,
	      struct err *err);
/* Answers with its content, or what the request wants of it, from that pack, which is taken over. 0, or -CODE: nothing was. */
int file_send(struct exchange *exchange, const struct pack_item *item, int fd, struct err *err);
/* The path in the address, into the call. 0 or -ERR_INVALID_FIELD. */
int call_read_path(struct session_call *call, struct err *err);
/* ?mode=755, in octal. 0 or -ERR_INVALID_FIELD. */
int call_read_mode(const struct session_call *call, uint32_t preset, uint32_t *ret_mode, struct err *err);
/* Keeps a change there, with what is to be given to that, and answers with the file or directory. */
void call_write(struct session_call *call, const struct session_change *change);

/* --- session_upload.c --- */

/* For door.c: PUT of a file, or of an archive (session_unpack.c), that is too large to be kept here whole. */
void session_upload_take(struct exchange *exchange);
void session_archive_take(struct exchange *exchange);
/* It is to be kept now: gives what there is of it. */
void session_upload_give(struct session_upload *upload, struct session_keep *keep);
void session_upload_end(struct session_upload *upload);

#endif
