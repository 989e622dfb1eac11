/* SPDX-License-Identifier: Apache-2.0 */
/* A key for as long as it is needed, for verbs other than keys. */
#ifndef SG_CLI_KEYS_H
#define SG_CLI_KEYS_H

#include "cli/settings.h"
#include "store/key_text.h"

struct store;
struct store_key;

/* Opens the database, as keys_create: for good. */
int keys_open_store(const struct settings *settings, struct store **ret_store, struct err *err);

/*
 * A key of the server on this machine. The process is the database's owner afterwards, for good,
 * and may be in another root: call it in a child. 0, -ERR_CONFIG, -ERR_FORBIDDEN, -ERR_STORE or
 * -ERR_IO.
 */
int keys_create(const struct settings *settings, const char *name, char text[static KEY_TEXT_BYTES],
		struct store_key *key, struct err *err);
/* Ends a key in the process that has made it. 0 or -ERR_STORE. */
int keys_revoke_own(const struct store_key *key, struct err *err);

#endif
