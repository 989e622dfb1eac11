/* SPDX-License-Identifier: Apache-2.0 */
/* What the collector says has changed (ipc/collect.h), as changes of a tree. Read as hostile. */
#ifndef SG_SESSION_FOUND_H
#define SG_SESSION_FOUND_H

#include "session/tree.h"

struct session_found {
	struct session_change *changes; /* owned; sorted; they lead into the bytes */
	size_t count;
	uint64_t bytes;                 /* of all contents */
	uint64_t skipped;
};

/*
 * Checks so many records in bytes (8-aligned), which *ret_found then leads into. 0, -ERR_PROTOCOL or -ERR_NO_MEMORY;
 * on failure *ret_found is untouched.
 */
int found_parse(struct session_found *ret_found, struct slice bytes, uint32_t count);
void found_finish(struct session_found *found);

#endif
