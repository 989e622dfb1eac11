/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the pack that makes a session's list from what it was to what it is to be. In steps, between which the loop
 * serves others. As in a log-structured merge tree a new pack swallows older ones while they are not much larger, or
 * mostly hold what is not needed any more: so lists stay short, and each byte is written few times.
 */
#ifndef SG_SESSION_PACKER_H
#define SG_SESSION_PACKER_H

#include "base/buf.h"
#include "ipc/check.h"
#include "session/index.h"
#include "session/tree.h"

#define PACK_THIS PACKS_MAX /* pack_item.pack of what is in the new pack */

struct evp_md_ctx_st; /* OpenSSL's EVP_MD_CTX */

struct packer {
	int fd;                       /* of the new pack; not owned */
	struct evp_md_ctx_st *sha;    /* owned */
	struct buf pending;           /* owned: hashed and not yet written */
	uint64_t at;                  /* bytes of the pack so far */
	/* what it is made from */
	const struct session_change *changes;
	size_t change_count, next_change;
	const int *fds;               /* of the packs there are */
	struct session_list list;     /* the new one, without its last hash until the end; env is not set */
	unsigned char place[PACKS_MAX + 1]; /* where a pack goes in the new list; PACK_THIS: is swallowed */
	bool keeps[PACKS_MAX];        /* those of the old list that stay */
	struct session_tree *tree;    /* owned; the one to be */
	size_t next_item;
	uint64_t item_done;
	struct check check;
	char *scratch;                /* owned */
};

/* 0 or -ERR_NO_MEMORY; then packer_finish. */
int packer_init(struct packer *packer, int fd);
void packer_finish(struct packer *packer);
/* Content that comes before there is a plan: 0, or -ERR_IO (errno ENOSPC: the disk is full), -ERR_NO_MEMORY. */
int packer_add(struct packer *packer, const void *data, size_t len);
/*
 * What is to be: the tree with its changes (sorted; they and fds stay until the end). One with pack PACK_THIS and no
 * data is what packer_add has been given, at its offset. 0 or as tree_change.
 */
int packer_plan(struct packer *packer, const struct session_tree *tree, const struct session_list *list, const int *fds,
		const struct session_change *changes, size_t count);
/* 1 when the pack is complete, its hash in packer->list; 0 to be called again; or as packer_add, index_write. */
int packer_step(struct packer *packer);

#endif
