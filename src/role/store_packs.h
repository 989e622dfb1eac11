/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_ROLE_STORE_PACKS_H
#define SG_ROLE_STORE_PACKS_H

#include "ipc/channel.h"
#include "store/store.h"

/* Carries out STORE_PACK and answers it. */
void store_packs_serve(struct store *store, struct channel *front, struct message *message);

#endif
