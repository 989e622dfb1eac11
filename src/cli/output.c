/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <stdio.h>
#include <time.h>

#define OUTPUT_BYTES_MAX (64 * MIB)

void output_begin(struct output *output)
{
	buf_init(&output->buf, OUTPUT_BYTES_MAX);
	json_writer_init(&output->json, &output->buf);
}

int output_end(struct output *output)
{
	int rc = output->json.rc;

	if (rc == 0)
		rc = buf_append(&output->buf, "\n", 1);
	if (rc == 0 && fwrite(output->buf.data, 1, output->buf.len, stdout) != output->buf.len)
		rc = -ERR_IO;
	buf_finish(&output->buf);
	return rc == 0 ? 0 : cli_fail(cli_exit_of(rc), "%s", err_default_text(rc));
}

const char *output_time(char out[static OUTPUT_TIME_BYTES], uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!ms || !gmtime_r(&seconds, &tm) ||
	    !strftime(out, OUTPUT_TIME_BYTES, "%Y-%m-%d %H:%M", &tm))
		snprintf(out, OUTPUT_TIME_BYTES, "-");
	return out;
}
