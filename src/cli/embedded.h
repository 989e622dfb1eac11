/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server of our own for one command: sandglassd --embedded FD speaks HTTP on one connection, has
 * no keys, no database and no listening socket, and ends when we close our end.
 *
 * libcurl wants to connect by itself, so there is an abstract socket (unix(7)) with a name the
 * kernel has chosen. The child accepts the one connection that comes from us, closes the socket and
 * becomes the server; nothing is left in any file system, whatever ends us.
 */
#ifndef SG_CLI_EMBEDDED_H
#define SG_CLI_EMBEDDED_H

#include <sys/types.h>

#include "cli/settings.h"

#define EMBEDDED_ADDRESS_BYTES 16

struct embedded {
	pid_t pid;			      /* 0: not running */
	bool connected;			      /* set by the caller once it has tried to connect */
	char address[EMBEDDED_ADDRESS_BYTES]; /* without the NUL in front */
};

/* 0, -ERR_CONFIG, -ERR_IO or -ERR_NO_MEMORY. */
int embedded_start(struct embedded *embedded, const struct settings *settings, struct err *err);
/*
 * Waits for the server to clean up; the caller has closed its connection. Its wait status; 0 if
 * none.
 */
int embedded_stop(struct embedded *embedded);

#endif
