/* SPDX-License-Identifier: Apache-2.0 */
/* What the store's peer may do with documents. */
#ifndef SG_ROLE_STORE_DOCUMENTS_H
#define SG_ROLE_STORE_DOCUMENTS_H

#include "ipc/channel.h"
#include "store/store.h"

/* Carries a STORE_DOCUMENTS out and answers it. */
void store_documents_serve(struct store *store, struct channel *front, struct message *message);

/* The same for a STORE_RUNS. */
void store_runs_serve(struct store *store, struct channel *front, struct message *message);

#endif
