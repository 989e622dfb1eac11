/* SPDX-License-Identifier: Apache-2.0 */
#include "door/batch_stream.h"

#include "door/batch.h"
#include "door/follow.h"
#include "door/retry.h"

/* A result with both outputs shown in full, every byte escaped. */
#define RECORD_BYTES_MAX (MIB + 64 * KIB)
#define PIECE_BYTES	 (64 * KIB)

static const struct form {
	const char *media_type;
	const char *before_name, *before_data, *behind;
	const char *alive; /* a comment, as follow.c sends it; lines know none */
} forms[] = {
    [BATCH_EVENTS] = {"text/event-stream", "event: ", "\ndata: ", "\n\n", ":\n\n"},
    [BATCH_LINES] = {"application/x-ndjson", "", "", "\n", "{\"type\":\"heartbeat\"}\n"},
};

void batch_stream_choose(struct batch *batch)
{
	struct slice accept = http_request_header(batch->exchange->request, "Accept");

	if (follow_wanted(batch->exchange))
		batch->stream.form = BATCH_EVENTS;
	else if (header_list_has(accept, slice_from(forms[BATCH_LINES].media_type)))
		batch->stream.form = BATCH_LINES;
}

/* --- that it lives --- */

static void on_heartbeat(struct timer *timer);

static void set_heartbeat(struct batch *batch)
{
	const struct door *door = batch->exchange->door;

	loop_timer_set(door->loop, &batch->stream.heartbeat,
		       clock_now_ns() + door->config->stream_heartbeat_ms * NS_PER_MS,
		       on_heartbeat);
}

/* There was nothing else to say. Who is in the middle of a record is slow, and sees enough. */
static void on_heartbeat(struct timer *timer)
{
	struct batch *batch = container_of(timer, struct batch, stream.heartbeat);

	if (batch->stream.at == 0)
		http_stream_write(batch->exchange->request,
				  slice_from(forms[batch->stream.form].alive));
	set_heartbeat(batch);
}

/* --- records: an object each, which says in `type` what it is --- */

static void record_begin(struct json_writer *w, struct batch *batch, const char *name)
{
	const struct form *form = &forms[batch->stream.form];
	struct buf *text = &batch->stream.text;

	buf_init(text, RECORD_BYTES_MAX);
	buf_append_text(text, form->before_name);
	if (*form->before_name)
		buf_append_text(text, name);
	buf_append_text(text, form->before_data);
	json_writer_init(w, text);
	json_object_open(w, NULL);
	json_put_text(w, "type", name);
}

/* One for which there is no memory is left out; the last one has the totals all the same. */
static void record_end(struct json_writer *w, struct batch *batch)
{
	struct buf *text = &batch->stream.text;

	json_object_close(w);
	json_writer_finish(w);
	if (!text->len || buf_append_text(text, forms[batch->stream.form].behind) < 0)
		buf_finish(text);
}

static void write_head(struct batch *batch)
{
	struct json_writer w;

	record_begin(&w, batch, "batch");
	batch_put_head(&w, &batch->request, &batch->summary);
	record_end(&w, batch);
}

static void write_result(struct batch *batch, size_t index)
{
	struct batch_result *result = &batch->results[index];
	struct json_writer w;

	record_begin(&w, batch, "test");
	batch_put_result(&w, &batch->request, index, result);
	record_end(&w, batch);
	buf_finish(&result->run.out);
	buf_finish(&result->run.err);
}

static void write_totals(struct batch *batch)
{
	struct json_writer w;

	record_begin(&w, batch, "result");
	json_put_text(&w, "id", batch->summary.id);
	batch_put_totals(&w, &batch->request, batch->results, &batch->summary);
	record_end(&w, batch);
	/* who sends the request again with the same Idempotency-Key gets this one alone */
	exchange_keep(batch->exchange, 200, forms[batch->stream.form].media_type,
		      buf_slice(&batch->stream.text));
}

/* --- to the client --- */

/* False: there is none by now. */
static bool write_next(struct batch *batch)
{
	struct batch_stream *stream = &batch->stream;

	if (stream->told < stream->ready_count) {
		write_result(batch, stream->ready[stream->told++]);
		return true;
	}
	if (!stream->over || stream->last)
		return false;
	stream->last = true;
	write_totals(batch);
	return true;
}

/* True when all of the record is on its way. */
static bool give_record(struct batch *batch)
{
	struct batch_stream *stream = &batch->stream;
	size_t left;

	while ((left = stream->text.len - stream->at)) {
		struct slice piece = {stream->text.data + stream->at, MIN_OF(left, PIECE_BYTES)};
		if (batch_stream_is_full(batch))
			return false;
		http_stream_write(batch->exchange->request, piece);
		set_heartbeat(batch);
		stream->at += piece.len;
	}
	buf_finish(&stream->text);
	stream->at = 0;
	return true;
}

/* What it takes: a record is written when those before it are on their way. */
static void give(struct batch *batch)
{
	while (give_record(batch) && write_next(batch))
		;
}

/* Those that stand; with stop_on up to the first that does not. */
static void list_ready(struct batch *batch)
{
	struct batch_stream *stream = &batch->stream;
	bool in_order = batch->request.stop_on_failure && !stream->over;
	size_t end = stream->over ? batch->request.count : batch->end;

	for (size_t i = 0; i < end && (batch->results[i].done || !in_order); i++) {
		struct batch_result *result = &batch->results[i];
		if (!result->done || result->told)
			continue;
		result->told = true;
		stream->ready[stream->ready_count++] = i;
	}
}

void batch_stream_begin(struct batch *batch)
{
	struct batch_stream *stream = &batch->stream;

	if (stream->begun || stream->form == BATCH_WHOLE)
		return;
	stream->ready = arena_array(batch->exchange->request->arena, size_t, batch->request.count);
	if (!stream->ready ||
	    reply_stream(batch->exchange, forms[stream->form].media_type, NULL) < 0) {
		stream->form = BATCH_WHOLE;
		return;
	}
	stream->begun = true;
	write_head(batch);
	batch_stream_go_on(batch);
}

void batch_stream_go_on(struct batch *batch)
{
	if (!batch->stream.begun)
		return;
	list_ready(batch);
	give(batch);
}

bool batch_stream_is_full(const struct batch *batch)
{
	return batch->stream.begun && http_stream_is_full(batch->exchange->request);
}

/* --- the end --- */

void batch_stream_drop(struct batch *batch)
{
	loop_timer_cancel(batch->exchange->door->loop, &batch->stream.heartbeat);
	buf_finish(&batch->stream.text);
}

bool batch_stream_end(struct batch *batch, void (*release)(struct batch *))
{
	struct batch_stream *stream = &batch->stream;
	struct http_request *request = batch->exchange->request;

	if (!stream->begun)
		return false;
	stream->over = true;
	batch_stream_go_on(batch);
	if (!stream->last || stream->text.len)
		return true;
	release(batch);
	http_stream_end(request);
	return true;
}
