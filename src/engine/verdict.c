/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/*
 * A limit is named when it ended the run, or when the run then failed: a program that was refused a
 * process or a disk block and went on to success has a plain "ok".
 */
static enum run_status failed_status(const struct msg_run_done *done, enum run_status otherwise)
{
	if (done->disk_full || done->signal == SIGXFSZ)
		return RUN_STATUS_DISK_LIMIT;
	if (done->processes_hit)
		return RUN_STATUS_PROCESS_LIMIT;
	return otherwise;
}

static enum run_status status_of(const struct stage_result *result, const struct msg_run_done *done)
{
	static const enum run_status enforced[] = {
	    [RUN_WALL_LIMIT] = RUN_STATUS_WALL_TIMEOUT,
	    [RUN_CPU_LIMIT] = RUN_STATUS_CPU_TIMEOUT,
	    [RUN_MEMORY_LIMIT] = RUN_STATUS_MEMORY_LIMIT,
	    [RUN_KILLED] = RUN_STATUS_OUTPUT_LIMIT,
	};

	if (done->end != RUN_EXITED && done->end != RUN_SIGNALED)
		return enforced[done->end];
	if (result->out_truncated || result->err_truncated)
		return RUN_STATUS_OUTPUT_LIMIT;
	if (done->end == RUN_SIGNALED)
		return failed_status(done, RUN_STATUS_SIGNAL);
	return done->exit_code ? failed_status(done, RUN_STATUS_ERROR) : RUN_STATUS_OK;
}

/*
 * Whoever writes too much is ended. Whether it came to its own end a moment before that is not told: of two runs
 * of the same program one would have an exit code.
 */
void verdict_fill(struct stage_result *result, const struct msg_run_done *done)
{
	result->present = true;
	result->status = status_of(result, done);
	bool itself = result->status != RUN_STATUS_OUTPUT_LIMIT;
	result->started = done->started;
	result->has_exit_code = itself && done->end == RUN_EXITED;
	result->exit_code = (int)done->exit_code;
	result->signal = itself && done->end == RUN_SIGNALED ? (int)done->signal
	                 : itself && done->end == RUN_EXITED ? 0
	                                                     : SIGKILL;
	result->wall_ns = done->wall_ns;
	result->cpu_ns = done->cpu_ns;
	result->memory_peak_bytes = done->memory_peak_bytes;
	if (done->failed_step)
		snprintf(result->note, sizeof(result->note), "The program could not be started: %s.",
		         strerror((int)done->failed_errno));
}
