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

#include "base/util.h"
#include "event/loop.h"

struct batch;

enum batch_form { BATCH_WHOLE, BATCH_EVENTS, BATCH_LINES };

struct batch_stream {
	enum batch_form form;
	bool begun;
	size_t told; /* in their order, so many results */
	struct timer heartbeat;
};

/* What is asked for. */
void batch_stream_choose(struct batch *batch);
/* Nothing will be refused any more: begins the answer, if there is to be one in pieces. Harmless if
 * it has begun. */
void batch_stream_begin(struct batch *batch);
/* A result that stands; with stop_on it waits for those before it, which may make it count for
 * nothing. */
void batch_stream_tell(struct batch *batch, size_t index);
bool batch_stream_is_full(const struct batch *batch);
/* All that was not told, and the end. False: the answer is not in pieces. Else the request is gone,
 * after release. */
bool batch_stream_end(struct batch *batch, void (*release)(struct batch *));
/* Sends nothing more. */
void batch_stream_drop(struct batch *batch);

#endif
