/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run whose client follows its events. Its memory is its own: it ends with the client, or goes on
 * without it if the client has said that it may come back (Prefer: resumable).
 */
#ifndef SG_DOOR_LIVE_H
#define SG_DOOR_LIVE_H

#include "door/reply.h"

struct live;

/* For an exchange whose request is to be decoded next: its memory is the run's from now on. NULL
 * out of memory. */
struct live *live_create(struct exchange *exchange);
/* The job to fill and to submit. */
struct job *live_job(struct live *live);
/* It was not submitted, and is the caller's to destroy: frees the rest. Takes NULL. */
void live_drop(struct live *live);
/* It was: answers the exchange with its events. False: with an error, and the request is gone. */
bool live_begin(struct live *live, struct exchange *exchange);
/* Its client has made a mistake: that is its last event. The request is gone afterwards. */
void live_fail(struct live *live, const struct err *err);

#endif
