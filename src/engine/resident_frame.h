/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the front and the program that keeps an interpreter alive (runtimes/<id>/session.*) say to each other.
 *
 * To it, by its standard input, for each execute:
 *
 *   "execute <bytes of code> <bytes of stdin> <most bytes of all values> <number>"   padded with spaces to
 *                                                      RESIDENT_HEAD_BYTES, the last of which is a newline
 *   code, stdin
 *   token, padded with spaces to RESIDENT_TOKEN_BYTES, the last of which is a newline
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
#ifndef SG_ENGINE_RESIDENT_FRAME_H
#define SG_ENGINE_RESIDENT_FRAME_H

#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"

#define RESIDENT_HEAD_BYTES  64
#define RESIDENT_TOKEN_BYTES 32
#define RESIDENT_LINE_BYTES  128 /* of a line that comes back */
#define RESIDENT_PARTS_MAX   64
#define RESIDENT_VALUES_MAX  32
#define RESIDENT_BYTES_MAX   (64 * MIB) /* of all values, whatever an execute may print */

enum resident_outcome {
#define RESIDENT_OUTCOME(name, word) RESIDENT_OUTCOME_##name,
#include "engine/resident_frame.def"
#undef RESIDENT_OUTCOME
	RESIDENT_OUTCOMES
};

enum resident_form {
#define RESIDENT_FORM(name, word, binary) RESIDENT_FORM_##name,
#include "engine/resident_frame.def"
#undef RESIDENT_FORM
	RESIDENT_FORMS
};

struct resident_part {
	unsigned value;
	enum resident_form form;
	struct slice data;     /* leads into the bytes that were parsed */
};

struct resident_frame {
	char token[ID_BYTES];
	enum resident_outcome outcome;
	int exit_code;         /* 0 to 255 */
	unsigned count;
	struct resident_part parts[RESIDENT_PARTS_MAX]; /* by value, in order */
	size_t bytes;          /* of the whole frame */
};

struct resident_request {
	struct slice code, stdin_data;
	uint64_t bytes_most;
	uint64_t number;
	char token[ID_BYTES];
};

/* Appends it. 0, or a negative code of buf_append. */
int resident_request_write(struct buf *out, const struct resident_request *request);
/* The frame that bytes begin with. 1, 0 if more of it is to come, -ERR_PROTOCOL if it is none. */
int resident_frame_parse(struct slice bytes, struct resident_frame *ret_frame);

#endif
