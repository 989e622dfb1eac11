/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server of our own for one command: sandglassd --embedded FD speaks HTTP on one end of a socket
 * pair, has no keys, no database and no listening socket, and ends when we close the other end.
 */
#ifndef SG_CLI_EMBEDDED_H
#define SG_CLI_EMBEDDED_H

#include <sys/types.h>

#include "cli/settings.h"

struct embedded {
	pid_t pid; /* 0: not running */
	int fd;	   /* our end until the client takes it; -1 */
};

/* 0, -ERR_CONFIG, -ERR_IO or -ERR_NO_MEMORY. */
int embedded_start(struct embedded *embedded, const struct settings *settings, struct err *err);
/* Closes our end if it is still here and waits for the server to clean up. Its wait status; 0 if
 * none. */
int embedded_stop(struct embedded *embedded);

#endif
