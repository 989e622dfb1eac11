/* SPDX-License-Identifier: Apache-2.0 */
#include "door/record.h"

#include <stdio.h>
#include <string.h>

#include "door/documents.h"

static void copy_name(char out[static MSG_NAME_BYTES], const char *text)
{
	snprintf(out, MSG_NAME_BYTES, "%s", text);
}

static void record(struct door *door, const struct job *job, uint32_t status)
{
	const struct stage_result *run = &job->result.run;
	struct msg_record msg;

	if (door->embedded)
		return;
	memset(&msg, 0, sizeof(msg));
	memcpy(msg.id, job->result.id, sizeof(msg.id));
	memcpy(msg.key_id, job->key->facts.id, sizeof(msg.key_id));
	copy_name(msg.language, job->spec.runtime->id);
	copy_name(msg.version, job->spec.version->version);
	memcpy(msg.source_hash, job->source_hash, sizeof(msg.source_hash));
	msg.status = status;
	msg.exit_code = run->has_exit_code ? run->exit_code : -1;
	msg.finished_ms = clock_wall_ms();
	msg.wall_ns = run->wall_ns;
	msg.cpu_ns = run->cpu_ns + job->result.compile.cpu_ns;
	msg.memory_peak_bytes = run->memory_peak_bytes;
	msg.stdout_bytes = run->out.len + run->out_dropped;
	msg.stderr_bytes = run->err.len + run->err_dropped;
	if (!door->store || channel_send(door->store, MSG_STORE_RECORD, &msg, NULL, 0) < 0)
		door->records_lost++;
}

void record_job(struct door *door, const struct job *job)
{
	record(door, job, job->result.status);
}

void record_unfinished(struct door *door, const struct job *job, enum record_end end)
{
	if (job->started_ns)
		record(door, job, end);
}

void record_document(struct door *door, const struct dialect *dialect,
		     const struct api_request *request, const struct job *job, struct slice answer)
{
	struct msg_document_ask ask = {.op = DOCUMENT_PUT};
	_buf_finish_ struct buf parts, out;
	struct document document;

	buf_init(&parts, DOCUMENT_BYTES_MAX);
	buf_init(&out, 2 * DOCUMENT_BYTES_MAX);
	if (!dialect->encode_record || !door->store)
		return;
	if (dialect->encode_record(&parts, request, &job->spec, &job->result, answer, &document) &&
	    document_write(&out, &document) == 0)
		documents_tell(door, job->key, &ask, buf_slice(&out));
	else
		door->records_lost++;
}
