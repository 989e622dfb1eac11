/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs (ipc/pack.h): files of the directory STORE_PACKS beside the database, and which documents refer to which. A
 * pack that no document refers to any more is removed at once; whoever has it open still has it.
 */
#ifndef SG_STORE_PACKS_H
#define SG_STORE_PACKS_H

#include "ipc/document.h"
#include "ipc/pack.h"
#include "store/store.h"

#define STORE_PACKS "packs"

/* Makes the directory if it is missing. Before anything else here; the command line does without. 0 or -ERR_IO. */
int store_packs_open(struct store *store, struct err *err);
/*
 * Those that are being written end with the front that writes them, and packs that it has not yet referred to:
 * removes them. Before a front is heard. 0 or -ERR_IO.
 */
int store_packs_tidy(struct store *store, struct err *err);

/* A new file, for writing, named by a number. 0, -ERR_IO or -ERR_CONFLICT. */
int store_pack_new(struct store *store, uint64_t file, int *ret_fd, struct err *err);
/*
 * The file of that number is complete; *ret_fd reads it. It has to be referred to before the next ask is heard. 0,
 * -ERR_NOT_FOUND (also if its size is another) or -ERR_IO.
 */
int store_pack_keep(struct store *store, const struct msg_pack_ask *ask, int *ret_fd, struct err *err);
void store_pack_drop(struct store *store, uint64_t file);
/* 0, -ERR_NOT_FOUND (also if its size is another: the power went) or -ERR_IO. */
int store_pack_open(struct store *store, const struct msg_pack_ask *ask, int *ret_fd, struct err *err);

#endif
