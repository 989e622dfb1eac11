/* SPDX-License-Identifier: Apache-2.0 */
/* The listening socket: "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80", ":8080" (all IPv4), "localhost:8080". */
#ifndef SG_SUPERVISE_LISTEN_H
#define SG_SUPERVISE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Binds and listens. *ret_loopback tells whether only this machine can reach it; *ret_port the port (of use
 * when 0 was asked). The descriptor is non-blocking. fd, or -ERR_CONFIG (malformed) or -ERR_IO (err says
 * what to do).
 */
int listen_open(const char *address, bool *ret_loopback, unsigned *ret_port, struct err *err);

#endif
