/* SPDX-License-Identifier: Apache-2.0 */
/* What callers keep (ipc/document.h), in the database. Texts of an ask are NUL-terminated here. */
#ifndef SG_STORE_DOCUMENTS_H
#define SG_STORE_DOCUMENTS_H

#include "ipc/document.h"
#include "store/store.h"

/*
 * Keeps all of bytes (document_write) or none; those of the same kind and id are replaced. 0,
 * -ERR_LIMIT_EXCEEDED, -ERR_PROTOCOL, -ERR_STORE, -ERR_AGAIN or -ERR_NO_MEMORY, as the others too.
 */
int store_documents_put(struct store *store, const char *key_id, struct slice bytes,
			struct err *err);
/* One with its body. 0 or -ERR_NOT_FOUND. */
int store_document_get(struct store *store, const struct msg_document_ask *ask, struct buf *out,
		       struct err *err);
/* Heads, the newest first. 0, also for none. */
int store_documents_list(struct store *store, const struct msg_document_ask *ask, struct buf *out,
			 uint32_t *ret_count, struct err *err);
/* GET and, on disk before it returns, another mark. 0, -ERR_NOT_FOUND or -ERR_CONFLICT. */
int store_document_claim(struct store *store, const struct msg_document_ask *ask, struct buf *out,
			 struct err *err);
/* Heads of all keys' documents that are marked, the oldest first. 0, also for none. */
int store_documents_recall(struct store *store, const struct msg_document_ask *ask, struct buf *out,
			   uint32_t *ret_count, struct err *err);
/* Drops at most `most` that have expired. 0 or -ERR_STORE, -ERR_AGAIN. */
int store_documents_sweep(struct store *store, uint64_t now_ms, uint32_t most, uint32_t *ret_count,
			  struct err *err);
/* With those that have it as parent. 0 or -ERR_NOT_FOUND. */
int store_document_delete(struct store *store, const struct msg_document_ask *ask, struct err *err);

#endif
