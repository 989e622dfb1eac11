/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the front and the program that keeps an interpreter alive (runtimes/<id>/session.*) say to each other.
 *
 * To it, by its standard input, for each execute:
 *
 *   "execute <bytes of code> <bytes of stdin> <most bytes of all values> <number>"   padded with spaces to
 *                                                      LIVE_HEAD_BYTES, the last of which is a newline
 *   code, stdin
 *   token, padded with spaces to LIVE_TOKEN_BYTES, the last of which is a newline
 *
 * The token comes last, and is read when the code has ended: until then it is in no name of the interpreter's.
 *
 * From it, by PAYLOAD_CONTROL_FD, when the code has ended and all it has printed is in its streams:
 *
 *   "<token> <outcome> <exit code> <parts>\n"
 *   for each part "<value> <form> <bytes>\n", and these bytes
 *
 * Value 0 is that of the last expression; 1, 2, ... are what was displayed before, in order.
 *
 * The code of users runs in the same process, so that what comes is whatever they want it to be: it is checked
 * as hostile, and believed no more than their output is.
 */
#ifndef SG_ENGINE_LIVE_FRAME_H
#define SG_ENGINE_LIVE_FRAME_H

#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"

#define LIVE_HEAD_BYTES  64
#define LIVE_TOKEN_BYTES 32
#define LIVE_LINE_BYTES  128 /* of a line that comes back */
#define LIVE_PARTS_MAX   64
#define LIVE_VALUES_MAX  32
#define LIVE_BYTES_MAX   (64 * MIB) /* of all values, whatever an execute may print */

enum live_outcome {
#define LIVE_OUTCOME(name, word) LIVE_OUTCOME_##name,
#include "engine/live_frame.def"
#undef LIVE_OUTCOME
	LIVE_OUTCOMES
};

enum live_form {
#define LIVE_FORM(name, word, binary) LIVE_FORM_##name,
#include "engine/live_frame.def"
#undef LIVE_FORM
	LIVE_FORMS
};

struct live_part {
	unsigned value;
	enum live_form form;
	struct slice data;     /* leads into the bytes that were parsed */
};

struct live_frame {
	char token[ID_BYTES];
	enum live_outcome outcome;
	int exit_code;         /* 0 to 255 */
	unsigned count;
	struct live_part parts[LIVE_PARTS_MAX]; /* by value, in order */
	size_t bytes;          /* of the whole frame */
};

struct live_request {
	struct slice code, stdin_data;
	uint64_t bytes_most;
	uint64_t number;
	char token[ID_BYTES];
};

/* Appends it. 0, or a negative code of buf_append. */
int live_request_write(struct buf *out, const struct live_request *request);
/* The frame that bytes begin with. 1, 0 if more of it is to come, -ERR_PROTOCOL if it is none. */
int live_frame_parse(struct slice bytes, struct live_frame *ret_frame);

#endif
