/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The results of a batch as they come, where Accept asks for text/event-stream (an event each) or
 * application/x-ndjson (a line each). A slow reader slows the batch: it begins no test while the
 * answer is full.
 */
#ifndef SG_DOOR_BATCH_STREAM_H
#define SG_DOOR_BATCH_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "event/loop.h"

struct batch;

enum batch_form { BATCH_WHOLE, BATCH_EVENTS, BATCH_LINES };

struct batch_stream {
	enum batch_form form;
	bool begun;
	size_t *ready; /* results that are to be told, in this order */
	size_t ready_count, told;
	bool over; /* all results stand... */
	bool last; /* ...and what comes behind them was written */
	struct buf text; /* owned: the record that is on its way */
	size_t at; /* so much of it was given */
	struct timer heartbeat;
};

/* What is asked for. */
void batch_stream_choose(struct batch *batch);
/* Nothing will be refused any more: begins the answer, if there is to be one in pieces. Harmless if
 * it has begun. */
void batch_stream_begin(struct batch *batch);
/* There is a new result, or the client takes more. With stop_on a result waits for those before it,
 * which may make it count for nothing. Harmless before it has begun. */
void batch_stream_go_on(struct batch *batch);
bool batch_stream_is_full(const struct batch *batch);
/* All results stand. False: the answer is not in pieces. Else it ends when the client has taken them:
 * now, and then the request is gone, after release, or when this is called again for a client that
 * takes more. */
bool batch_stream_end(struct batch *batch, void (*release)(struct batch *));
/* Sends nothing more. */
void batch_stream_drop(struct batch *batch);

#endif
