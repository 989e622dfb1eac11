/* SPDX-License-Identifier: Apache-2.0 */
#include "api/stage.h"

const struct stage_result *stage_last(const struct job_result *result)
{
	return result->run.present ? &result->run : &result->compile;
}

bool stage_timed_out(const struct stage_result *stage)
{
	return stage->status == RUN_STATUS_WALL_TIMEOUT ||
	       stage->status == RUN_STATUS_CPU_TIMEOUT ||
	       stage->status == RUN_STATUS_COMPILE_TIMEOUT;
}

void stage_put_code(struct json_writer *w, const char *key, const struct stage_result *stage)
{
	if (stage->has_exit_code)
		json_put_i64(w, key, stage->exit_code);
	else
		json_put_null(w, key);
}

void stage_put_signal(struct json_writer *w, const struct stage_result *stage)
{
	json_put_text(w, "signal", stage->signal ? signal_name(stage->signal) : NULL);
}

void stage_put_streams(struct json_writer *w, const struct stage_result *stage)
{
	json_put_bytes(w, "stdout", buf_slice(&stage->out));
	if (stage->err.len == 0 && stage->note[0])
		json_put_text(w, "stderr", stage->note);
	else
		json_put_bytes(w, "stderr", buf_slice(&stage->err));
}
