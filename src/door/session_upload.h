/* SPDX-License-Identifier: Apache-2.0 */
/* What is put into a session without being kept whole here, and what files and archives of files share of that. */
#ifndef SG_DOOR_SESSION_UPLOAD_H
#define SG_DOOR_SESSION_UPLOAD_H

#include "door/session_api.h"

struct session_upload;

/* Functions return 0 or a negative code with *err; those that may be NULL have nothing to do. */
struct upload_kind {
	int (*read)(struct session_upload *upload, struct err *err);  /* the request, without its body */
	int (*begin)(struct session_upload *upload, struct err *err); /* the session as it is, in upload->look; or NULL */
	int (*take)(struct session_upload *upload, struct slice data, struct err *err);
	int (*check)(struct session_upload *upload, struct err *err); /* that was all; or NULL */
	void (*write)(struct session_call *call);                     /* the session is its own now: keeps it, and answers */
	void (*end)(struct session_upload *upload);                   /* frees what is the kind's; or NULL */
};

struct session_upload {
	const struct upload_kind *kind;
	struct session_call *call;
	struct slice name;           /* of the session */
	struct session_user look;    /* at what the session is before its bytes come; and then only so that it goes on */
	struct timer visit;          /* the next look */
	uint64_t visit_ms, disk_bytes; /* of the session: every so often; what it may have */
	struct pack_wait new_wait;
	struct packer packer;
	struct check check;          /* of the file that is coming */
	uint32_t mode;
	uint64_t file;
	int fd;
	uint64_t bytes, room;        /* that have come; that may come */
	uint64_t counted;            /* of them in key->upload_bytes */
	bool has_packer;
	struct upload_archive *archive; /* its kind's */
};

/* For door.c's takers: in on_head. Bodies that are small are left to the handler. */
void upload_take(struct exchange *exchange, const struct upload_kind *kind);
/* More of a content: into the pack and the check, if there is room. */
int upload_add(struct session_upload *upload, struct slice data, struct err *err);

#endif
