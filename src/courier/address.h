/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses may be connected to for a caller: those of the public Internet (IANA's
 * special-purpose registries, RFC 6890, say which are not), and those that the operator has listed.
 * What is judged is the address that a socket is about to be connected to, so that it does not
 * matter how it was written or what a name stood for a moment ago.
 */
#ifndef SG_COURIER_ADDRESS_H
#define SG_COURIER_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define ADDRESS_NETS_MAX 64

/* IPv4 as ::ffff:a.b.c.d: one kind of address is compared. */
struct address_net {
	struct in6_addr address;
	unsigned bits;
};

struct address_list {
	struct address_net nets[ADDRESS_NETS_MAX];
	size_t count;
};

/* "127.0.0.0/8, 192.168.7.1, fd00::/8"; "" is an empty one. 0 or -ERR_CONFIG. */
int address_list_parse(struct address_list *list, const char *text, struct err *err);
/* False for anything but IPv4 and IPv6, too. */
bool address_allowed(const struct address_list *exceptions, const struct sockaddr *address);

#endif
