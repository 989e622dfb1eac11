/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes that connect to others have in common (courier, fetcher): a front that they
 * work for, and of the host's files copies of those that servers are found with.
 */
#ifndef SG_ROLE_OUTWARD_H
#define SG_ROLE_OUTWARD_H

#include "ipc/channel.h"

struct config;

struct outward {
	enum role role;
	const message_fn *front_handlers;
	struct loop *loop;
	struct channel parent, front;
};

/*
 * The first of main: returns the path of the configuration, or ends the process. The role and the
 * handlers are set; loop and libcurl are there from then on.
 */
const char *outward_begin(struct outward *self, int argc, char **argv);
/* Where this host has the certificates of authorities; NULL: nowhere that we know. */
const char *outward_ca_file(void);
/* The last: locks the process up, and serves until the parent ends it. config is freed. The exit status. */
int outward_run(struct outward *self, struct config *config);

#endif
