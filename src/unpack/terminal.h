/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal for a run: made by the jailed user out of the jail's own devpts, behind every wall. */
#ifndef SG_UNPACK_TERMINAL_H
#define SG_UNPACK_TERMINAL_H

#include <stdint.h>

/*
 * A new pseudo terminal of that size: what is its slave becomes the calling process's controlling
 * terminal, which must have none and lead its session, and its 0, 1 and 2; the master goes out by
 * the socket. 0, or -1 with errno.
 */
int terminal_take(int socket_fd, uint16_t rows, uint16_t columns);

#endif
