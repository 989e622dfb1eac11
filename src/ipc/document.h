/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents: what callers keep in the store, by the key that owns them. A document has a head, JSON
 * that lists show, and a body, any bytes, that may be sealed at rest and is given out only where one
 * document is asked for by its id.
 *
 * They travel in sealed memfds, one behind the other: struct document_record, head, body, padded to 8.
 */
#ifndef SG_IPC_DOCUMENT_H
#define SG_IPC_DOCUMENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/id.h"
#include "ipc/messages.h"

enum document_kind {
#define X(name, sealed, durable, most, full) DOCUMENT_##name,
#include "ipc/documents.def"
#undef X
	DOCUMENT_KIND_COUNT
};

#define DOCUMENT_BYTES_MAX  (16 * MIB)  /* head and body */
#define DOCUMENTS_BYTES_MAX (256 * MIB) /* of one key */
#define DOCUMENTS_PAGE_MAX  100         /* of one list */

struct document {
	enum document_kind kind;
	char id[ID_BYTES];
	char parent[ID_BYTES]; /* "": none */
	int64_t mark;          /* a number that lists can ask not to be 0 */
	uint64_t expires_ms;   /* wall clock, from when on the store may drop it; 0: never */
	struct slice head, body;
};

struct document_record {
	uint32_t kind, unused;
	int64_t mark;
	uint64_t expires_ms;
	char id[ID_BYTES], parent[ID_BYTES];
	uint64_t head_bytes, body_bytes;
};

/* 0, -ERR_TOO_LARGE or -ERR_NO_MEMORY. */
int document_write(struct buf *out, const struct document *document);
/*
 * Takes the first document off *bytes; it leads into them. 1, 0 at the end, -ERR_PROTOCOL if they are
 * not as above (then nothing is taken).
 */
int document_next(struct slice *bytes, struct document *ret_document);
/* Copies a sealed memfd of at most `most` bytes into *out. 0, -ERR_PROTOCOL, -ERR_IO or -ERR_NO_MEMORY. */
int document_read(int fd, size_t most, struct buf *out);

#endif
