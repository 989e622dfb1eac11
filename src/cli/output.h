/* SPDX-License-Identifier: Apache-2.0 */
/* JSON on stdout, and texts of times and sizes that people read. */
#ifndef SG_CLI_OUTPUT_H
#define SG_CLI_OUTPUT_H

#include "base/buf.h"
#include "cli/cli.h"
#include "json/json.h"

/* A writer into a buffer that output_json prints; both are begun together. */
struct output {
	struct buf buf;
	struct json_writer json;
};

void output_begin(struct output *output);
/* Prints it with a newline and frees it. The exit code. */
int output_end(struct output *output);

/* "2026-11-20 10:32" (UTC) of milliseconds since the epoch; "-" for 0. */
#define OUTPUT_TIME_BYTES 24
const char *output_time(char out[static OUTPUT_TIME_BYTES], uint64_t ms);

#endif
