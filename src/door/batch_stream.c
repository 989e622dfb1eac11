/* SPDX-License-Identifier: Apache-2.0 */
#include "door/batch_stream.h"

#include "door/batch.h"
#include "door/follow.h"
#include "door/retry.h"

/* A result with both outputs shown in full, every byte escaped. */
#define RECORD_BYTES_MAX (MIB + 64 * KIB)

static const struct form {
	const char *media_type;
	const char *before_name, *before_data, *behind;
} forms[] = {
    [BATCH_EVENTS] = {"text/event-stream", "event: ", "\ndata: ", "\n\n"},
    [BATCH_LINES] = {"application/x-ndjson", "", "", "\n"},
};

void batch_stream_choose(struct batch *batch)
{
	struct slice accept = http_request_header(batch->exchange->request, "Accept");

	if (follow_wanted(batch->exchange))
		batch->stream.form = BATCH_EVENTS;
	else if (header_list_has(accept, slice_from(forms[BATCH_LINES].media_type)))
		batch->stream.form = BATCH_LINES;
}

/* --- records: an object each, which says in `type` what it is --- */

struct record {
	const struct form *form;
	struct buf text;
	struct json_writer json;
};

static void record_begin(struct record *record, const struct batch *batch, const char *name)
{
	const struct form *form = record->form = &forms[batch->stream.form];

	buf_init(&record->text, RECORD_BYTES_MAX);
	buf_append_text(&record->text, form->before_name);
	if (*form->before_name)
		buf_append_text(&record->text, name);
	buf_append_text(&record->text, form->before_data);
	json_writer_init(&record->json, &record->text);
	json_object_open(&record->json, NULL);
	json_put_text(&record->json, "type", name);
}

/* One for which there is no memory is left out; the last one has the totals all the same. */
static void record_send(struct record *record, const struct batch *batch)
{
	json_object_close(&record->json);
	json_writer_finish(&record->json);
	if (record->text.len && buf_append_text(&record->text, record->form->behind) == 0)
		http_stream_write(batch->exchange->request, buf_slice(&record->text));
}

static void record_end(struct record *record, const struct batch *batch)
{
	record_send(record, batch);
	buf_finish(&record->text);
}

/* --- the beginning --- */

static void on_heartbeat(struct timer *timer);

static void set_heartbeat(struct batch *batch)
{
	const struct door *door = batch->exchange->door;

	loop_timer_set(door->loop, &batch->stream.heartbeat,
		       clock_now_ns() + door->config->stream_heartbeat_ms * NS_PER_MS,
		       on_heartbeat);
}

/* A comment, as follow.c sends it; lines know none. */
static void on_heartbeat(struct timer *timer)
{
	struct batch *batch = container_of(timer, struct batch, stream.heartbeat);

	if (!batch_stream_is_full(batch))
		http_stream_write(batch->exchange->request, SLICE_LITERAL(":\n\n"));
	set_heartbeat(batch);
}

void batch_stream_begin(struct batch *batch)
{
	struct batch_stream *stream = &batch->stream;
	struct record record;

	if (stream->begun || stream->form == BATCH_WHOLE)
		return;
	if (reply_stream(batch->exchange, forms[stream->form].media_type, NULL) < 0) {
		stream->form = BATCH_WHOLE;
		return;
	}
	stream->begun = true;
	if (stream->form == BATCH_EVENTS)
		set_heartbeat(batch);
	record_begin(&record, batch, "batch");
	batch_put_head(&record.json, &batch->request, &batch->summary);
	record_end(&record, batch);
}

/* --- results --- */

static void tell(struct batch *batch, size_t index)
{
	struct batch_result *result = &batch->results[index];
	struct record record;

	if (result->told)
		return;
	result->told = true;
	record_begin(&record, batch, "test");
	batch_put_result(&record.json, &batch->request, index, result);
	record_end(&record, batch);
	buf_finish(&result->run.out);
	buf_finish(&result->run.err);
}

void batch_stream_tell(struct batch *batch, size_t index)
{
	struct batch_stream *stream = &batch->stream;

	if (!stream->begun)
		return;
	if (!batch->request.stop_on_failure)
		tell(batch, index);
	else
		while (stream->told < batch->end && batch->results[stream->told].done)
			tell(batch, stream->told++);
}

bool batch_stream_is_full(const struct batch *batch)
{
	return batch->stream.begun && http_stream_is_full(batch->exchange->request);
}

/* --- the end --- */

void batch_stream_drop(struct batch *batch)
{
	loop_timer_cancel(batch->exchange->door->loop, &batch->stream.heartbeat);
}

bool batch_stream_end(struct batch *batch, void (*release)(struct batch *))
{
	struct http_request *request = batch->exchange->request;
	struct record record;

	if (!batch->stream.begun)
		return false;
	for (size_t i = 0; i < batch->request.count; i++)
		tell(batch, i);
	record_begin(&record, batch, "result");
	json_put_text(&record.json, "id", batch->summary.id);
	batch_put_totals(&record.json, &batch->request, batch->results, &batch->summary);
	record_send(&record, batch);
	/* who sends the request again with the same Idempotency-Key gets this one alone */
	exchange_keep(batch->exchange, 200, record.form->media_type, buf_slice(&record.text));
	buf_finish(&record.text);
	release(batch);
	http_stream_end(request);
	return true;
}
