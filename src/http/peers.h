/* SPDX-License-Identifier: Apache-2.0 */
/* How many connections each address has. */
#ifndef SG_HTTP_PEERS_H
#define SG_HTTP_PEERS_H

#include <stdint.h>
#include <sys/socket.h>

struct peers;
struct peer;

/* A table for so many addresses at once, each with at most so many connections. NULL: no memory. */
struct peers *peers_create(uint64_t peers_max, uint64_t connections_max);
void peers_destroy(struct peers *peers);

/*
 * Counts one connection of the address: IPv4 as a whole, IPv6 by its /64 (what one customer gets),
 * all others, such as UNIX sockets, together. -ERR_RATE_LIMITED past the maximum, -ERR_NO_MEMORY.
 */
int peers_enter(struct peers *peers, const struct sockaddr_storage *address,
                struct peer **ret_peer);
void peers_leave(struct peers *peers, struct peer *peer);

#endif
