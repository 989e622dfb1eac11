/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine that builds an image has and Debian has not: see struct manifest_machine. */
#ifndef SG_IMAGE_MACHINE_H
#define SG_IMAGE_MACHINE_H

#include "base/buf.h"
#include "base/err.h"
#include "runtime/manifest.h"

/* The directory that is taken, one of machine->from; NULL if none of them has what is needed. */
const char *machine_find(const struct manifest_machine *machine);

/* Lines that change with what would be taken: where it is, and what it has in `holds`. */
void machine_put_digest(struct buf *out, const struct manifest_machine *machine);

/* Copies it to root/opt/<place>, owned by root. hold_fd as in tool_run. 0, -ERR_IMAGE, -ERR_IO. */
int machine_install(const struct manifest_machine *machine, const char *root, int hold_fd,
		    struct err *err);

#endif
