/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a manifest's packages (api/packages.h): runs in jails, between which what they ask for
 * is fetched, until one leaves a tree, or says why there is none, or the time is over. Nothing of
 * it outlives the process: who waits for it has the request.
 */
#ifndef SG_DOOR_PACKAGES_H
#define SG_DOOR_PACKAGES_H

#include "api/packages.h"
#include "door/door.h"

struct packages_build;

struct packages_built {
	bool done; /* else why is */
	char why[320];
	struct slice tree;  /* of PACKAGES_TREE_BYTES at most; empty: no files */
	const char *python; /* the version that it was done with */
};

/*
 * Begins; manifest has to stay. fn is called once, never from inside; built is gone when it
 * returns, and so is the build. NULL and *err: -ERR_QUEUE_FULL (enough of them), -ERR_NO_MEMORY.
 */
struct packages_build *packages_begin(struct door *door, struct key *key, enum package_kind kind,
				      struct slice manifest,
				      void (*fn)(void *ctx, const struct packages_built *built),
				      void *ctx, struct err *err);
/* Nobody waits any more: ends it, fn is not called. NULL is harmless. */
void packages_cancel(struct packages_build *build);

#endif
