/* SPDX-License-Identifier: Apache-2.0 */
#include "door/record.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "door/documents.h"
#include "json/json.h"

static void copy_name(char out[static MSG_NAME_BYTES], const char *text)
{
	snprintf(out, MSG_NAME_BYTES, "%s", text);
}

static void send(struct door *door, const struct msg_record *msg)
{
	if (!door->store || channel_send(door->store, MSG_STORE_RECORD, msg, NULL, 0) < 0)
		door->records_lost++;
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
	send(door, &msg);
}

void record_unfinished(struct door *door, const struct job *job, enum record_end end)
{
	if (job->started_ns)
		record(door, job, end);
}

void record_job(struct door *door, const struct job *job)
{
	if (job->error.code)
		record_unfinished(door, job, RECORD_FAILED);
	else
		record(door, job, job->result.status);
}

void record_cancel(struct door *door, struct job *job)
{
	record_unfinished(door, job, RECORD_CANCELLED);
	engine_cancel(job);
}

static void copy_value(char *out, size_t cap, struct yyjson_val *value)
{
	struct slice text = json_text(value);

	snprintf(out, cap, "%.*s", (int)text.len, text.data ? text.data : "");
}

void record_lost(struct door *door, const struct key *key, struct slice head)
{
	struct msg_record msg = {
	    .status = RECORD_LOST, .exit_code = -1, .finished_ms = clock_wall_ms()};
	struct yyjson_doc *doc = NULL;

	if (json_parse(&doc, head, NULL) < 0)
		return;
	memcpy(msg.key_id, key->facts.id, sizeof(msg.key_id));
	copy_value(msg.id, sizeof(msg.id), json_at(json_root(doc), "/id"));
	copy_value(msg.language, sizeof(msg.language), json_at(json_root(doc), "/language"));
	copy_value(msg.version, sizeof(msg.version), json_at(json_root(doc), "/version"));
	hex_read(msg.source_hash, sizeof(msg.source_hash),
		 json_text(json_at(json_root(doc), "/sha256")));
	json_free(doc);
	send(door, &msg);
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
