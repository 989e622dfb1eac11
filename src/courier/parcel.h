/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request that is sent for a caller: to where its URL leads, if that may be, once, without
 * redirections, and within a time. Of the answer only the status is kept.
 */
#ifndef SG_COURIER_PARCEL_H
#define SG_COURIER_PARCEL_H

#include <stdint.h>

#include "base/slice.h"
#include "courier/address.h"
#include "event/loop.h"
#include "ipc/messages.h"

struct courier;

struct courier_config {
	struct address_list exceptions;
	uint64_t time_ms;
	const char *ca_file; /* NULL: curl's own */
	/* The end of one; called from the loop. */
	void (*on_delivered)(const struct msg_delivered *msg);
};

/* NULL out of memory. config and loop must stay. */
struct courier *courier_create(struct loop *loop, const struct courier_config *config);
/* text as PARCEL in ipc/messages.h, copied. on_delivered follows, also if nothing could be sent. */
void courier_send(struct courier *courier, uint64_t number, struct slice text);
/* How many are under way. */
unsigned courier_pending(const struct courier *courier);

#endif
