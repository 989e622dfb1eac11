/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that is a log of events, as they come. */
#ifndef SG_DOOR_FOLLOW_H
#define SG_DOOR_FOLLOW_H

#include "door/events.h"
#include "door/reply.h"

/* Whether the client asks for text/event-stream by its Accept header. */
bool follow_wanted(const struct exchange *exchange);
/*
 * Answers the exchange with the log's events behind that number, until the log ends or the client
 * goes; extra as in reply_stream. 0, or a negative code: it is still to be answered, and the log is
 * not followed.
 */
int follow_log(struct exchange *exchange, struct event_log *log, uint64_t after,
	       const struct header_list *extra);

#endif
