/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the walls of walls.def, for configuration, capabilities and messages to people. */
#ifndef SG_IPC_WALLS_H
#define SG_IPC_WALLS_H

#include <stdint.h>

#include "ipc/messages.h"

struct err;

/* "cgroup", "pidns", ...: lower case. */
const char *wall_name(enum wall wall);
/* What it keeps, one phrase. */
const char *wall_text(enum wall wall);
/*
 * Names joined by commas (any case, spaces allowed) as bits 1 << enum wall. 0, or -ERR_CONFIG naming the
 * one that does not exist; "" is no wall.
 */
int walls_parse(const char *names, uint64_t *ret_bits, struct err *err);

#endif
