/* SPDX-License-Identifier: Apache-2.0 */
#include "door/connect.h"

#include <stdlib.h>
#include <string.h>

#include "door/record.h"

#define ARENA_BYTES	(4 * MIB)
#define UNFED_BYTES_MAX (256 * KIB)
#define SIGNAL_LAST	64
#define SIGNALS_MAX	1000 /* of a socket: each is work for the spawner */

/* --- what we say --- */

void connect_message(struct json_writer *w, struct buf *out, const char *type)
{
	buf_init(out, CONNECT_MESSAGE_BYTES);
	json_writer_init(w, out);
	json_object_open(w, NULL);
	json_put_text(w, "type", type);
}

void connect_send(struct connect *connect, struct json_writer *w)
{
	json_object_close(w);
	json_writer_finish(w);
	if (w->out->len)
		websocket_send(connect->socket, buf_slice(w->out), true);
	buf_finish(w->out);
}

const char *connect_stage(const struct connect *connect)
{
	return connect->job->stage == STAGE_COMPILE ? "compile" : "run";
}

/* --- what the run says --- */

static void on_stage(struct job *job)
{
	struct connect *connect = job->owner;

	connect->format->on_stage(connect);
}

static void on_data(struct job *job, unsigned stream, struct slice data)
{
	struct connect *connect = job->owner;

	connect->format->on_output(connect, stream, data);
	if (websocket_is_full(connect->socket))
		engine_pause(job, true);
}

static void on_fed(struct job_feed *feed)
{
	websocket_hold(container_of(feed, struct connect, feed)->socket, false);
}

static void on_exit_of(struct job *job)
{
	struct connect *connect = job->owner;

	connect->format->on_exit(connect);
}

static const struct job_stream limited = {
    .interactive = true,
    .on_stage = on_stage,
    .on_data = on_data,
    .on_exit = on_exit_of,
};

static const struct job_stream unlimited = {
    .interactive = true,
    .unlimited = true,
    .on_stage = on_stage,
    .on_data = on_data,
    .on_exit = on_exit_of,
};

static void on_finished(struct job *job)
{
	struct connect *connect = job->owner;

	connect->format->on_finished(connect);
	connect->job = NULL;
	record_job(connect->door, job);
	job_destroy(job);
}

/* --- what the client says --- */

/* The headers were those of the handshake; they say nothing of the run. */
static struct slice no_header(const struct api_request *request _unused_, const char *name _unused_)
{
	return (struct slice){0};
}

/* The job's strings stay in the arena, as those of a request do. */
static int decode(struct connect *connect, struct slice message, struct job_spec *ret_spec,
		  struct err *err)
{
	const struct api_context api = door_context(connect->door, connect->key);
	struct api_request request = {.header = no_header, .connected = true};
	struct yyjson_doc *doc = NULL;

	connect->arena = arena_create(3 * message.len + ARENA_BYTES);
	char *text = arena_alloc(connect->arena, message.len + JSON_PADDING_BYTES);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	memcpy(text, message.data, message.len);
	int rc = door_refuses(connect->door, err) == ERR_OK ? 0 : -err->code;
	if (rc == 0)
		rc = json_parse_in_place(&doc, text, message.len, err);
	if (rc == 0) {
		request.body = json_root(doc);
		rc =
		    connect->format->dialect->decode(&api, &request, connect->arena, ret_spec, err);
	}
	json_free(doc);
	if (rc == 0 && ret_spec->after.accept)
		rc = err_field(err, ERR_INVALID_FIELD, "async", "Here somebody waits for the run.");
	return rc;
}

int connect_begin(struct connect *connect, struct slice message, struct err *err)
{
	struct job *job = job_create(connect->key, on_finished, connect);

	loop_timer_cancel(connect->door->loop, &connect->timer);
	if (!job)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	int rc = decode(connect, message, &job->spec, err);
	if (rc == 0) {
		job->stream = connect->format->unlimited ? &unlimited : &limited;
		connect->feed.on_fed = on_fed;
		job_feed_begin(&connect->feed, job);
		rc = door_submit(connect->door, connect->format->dialect, job, err);
	}
	if (rc < 0)
		job_destroy(job);
	else
		connect->job = job;
	return rc;
}

bool connect_feed(struct connect *connect, struct slice data)
{
	if (engine_feed(connect->job, data) < 0)
		return false;
	if (engine_unfed(connect->job) > UNFED_BYTES_MAX)
		websocket_hold(connect->socket, true);
	return true;
}

int connect_signal_of(struct slice name)
{
	for (int number = 1; number <= SIGNAL_LAST; number++)
		if (slice_equal(name, slice_from(signal_name(number))))
			return number;
	return 0;
}

bool connect_signal(struct connect *connect, int signal)
{
	if (++connect->signals > SIGNALS_MAX)
		return false;
	engine_signal(connect->job, signal);
	return true;
}

/* --- beginning and end --- */

static void on_message(struct websocket *socket _unused_, struct slice message, bool text,
		       void *ctx)
{
	struct connect *connect = ctx;

	connect->format->on_message(connect, message, text);
}

static void on_drained(struct websocket *socket _unused_, void *ctx)
{
	struct connect *connect = ctx;

	if (connect->job)
		engine_pause(connect->job, false);
}

static void on_gone(struct websocket *socket _unused_, void *ctx)
{
	struct connect *connect = ctx;

	loop_timer_cancel(connect->door->loop, &connect->timer);
	if (connect->job)
		record_cancel(connect->door, connect->job);
	arena_destroy(connect->arena);
	free(connect);
}

static void on_late(struct timer *timer)
{
	struct connect *connect = container_of(timer, struct connect, timer);

	connect->format->on_late(connect);
}

static const struct websocket_handler handler = {
    .on_message = on_message,
    .on_drained = on_drained,
    .on_gone = on_gone,
};

static struct connect *create(struct exchange *exchange, const struct connect_format *format)
{
	struct connect *connect = calloc(1, sizeof(*connect));

	if (!connect)
		return NULL;
	connect->format = format;
	connect->door = exchange->door;
	connect->key = exchange->key;
	connect->began_ns = clock_now_ns();
	connect->socket = websocket_accept(exchange->request, &handler, connect);
	if (connect->socket)
		return connect;
	free(connect);
	return NULL;
}

void connect_open(struct exchange *exchange, const struct connect_format *format)
{
	struct err err;

	if (websocket_check(exchange->request, &err) < 0) {
		reply_error(exchange, &err);
		return;
	}
	struct connect *connect = create(exchange, format);
	if (connect) {
		loop_timer_set(connect->door->loop, &connect->timer,
			       clock_now_ns() + format->begin_ms * NS_PER_MS, on_late);
		return;
	}
	err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	reply_error(exchange, &err);
}
