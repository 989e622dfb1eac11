/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /v1/connect: the native format's WebSocket. The first message is a body of POST /v1/execute;
 * what follows are commands, and bytes for stdin in binary messages. Close codes: 1000 after a
 * result, 1008 when the client was wrong, 1011 when we were (RFC 6455, 7.4.1).
 */
#include "api/draft.h"
#include "api/native.h"
#include "door/connect.h"
#include "door/handlers.h"
#include "door/record.h"

#define BEGIN_MS     10000
#define CLOSE_DONE   1000
#define CLOSE_POLICY 1008
#define CLOSE_FAILED 1011

static bool wants_bytes(const struct connect *connect)
{
	return connect->job->spec.output_encoding == OUTPUT_BASE64;
}

/* --- what we say --- */

static void begin(struct connect *connect, struct json_writer *w, struct buf *out, const char *type)
{
	connect_message(w, out, type);
	json_put_ms(w, "time_ms", clock_now_ns() - connect->began_ns);
}

static void fail(struct connect *connect, const struct err *err)
{
	struct json_writer w;
	struct buf out;

	begin(connect, &w, &out, "error");
	json_object_open(&w, "error");
	native_put_error(&w, err, connect->job ? connect->job->result.id : "");
	json_object_close(&w);
	connect_send(connect, &w);
	websocket_close(connect->socket, err_status(err->code) < 500 ? CLOSE_POLICY : CLOSE_FAILED,
			err_name(err->code));
}

static void on_late(struct connect *connect)
{
	struct err err;

	err_set(&err, ERR_REQUEST_TIMEOUT, "%s", err_default_text(ERR_REQUEST_TIMEOUT));
	fail(connect, &err);
}

/* --- what the run says --- */

static void on_stage(struct connect *connect)
{
	const struct job *job = connect->job;
	struct json_writer w;
	struct buf out;

	begin(connect, &w, &out, "started");
	json_put_text(&w, "id", job->result.id);
	json_put_text(&w, "stage", connect_stage(connect));
	json_put_text(&w, "language", job->spec.runtime->id);
	json_put_text(&w, "version", job->spec.version->version);
	connect_send(connect, &w);
}

static void send_text(struct connect *connect, unsigned stream, struct slice text)
{
	struct json_writer w;
	struct buf out;

	if (text.len == 0)
		return;
	begin(connect, &w, &out, stream ? "stderr" : "stdout");
	json_put_text(&w, "stage", connect_stage(connect));
	json_put_bytes(&w, "data", text);
	connect_send(connect, &w);
}

/* The stream's number, as programs know it, and the bytes. */
static void send_bytes(struct connect *connect, unsigned stream, struct slice data)
{
	_buf_finish_ struct buf out;
	const char number = stream ? 2 : 1;

	buf_init(&out, data.len + 1);
	if (buf_append(&out, &number, 1) == 0 && buf_append(&out, data.data, data.len) == 0)
		websocket_send(connect->socket, buf_slice(&out), false);
}

static void on_output(struct connect *connect, unsigned stream, struct slice data)
{
	if (wants_bytes(connect)) {
		send_bytes(connect, stream, data);
		return;
	}
	while (data.len)
		send_text(connect, stream, text_part(&connect->tails[stream], &data));
}

static void on_exit_of(struct connect *connect)
{
	for (unsigned i = 0; i < ARRAY_LEN(connect->tails); i++)
		send_text(connect, i, text_rest(&connect->tails[i]));
}

static void send_result(struct connect *connect)
{
	const struct job *job = connect->job;
	_buf_finish_ struct buf answer, out;
	struct json_writer w;

	buf_init(&answer, RESULT_BYTES_MAX);
	native_encode_result(&answer, &job->spec, &job->result);
	buf_init(&out, RESULT_BYTES_MAX);
	json_writer_init(&w, &out);
	json_object_open(&w, NULL);
	json_put_text(&w, "type", "result");
	json_put_ms(&w, "time_ms", clock_now_ns() - connect->began_ns);
	json_put_json(&w, "result", buf_slice(&answer));
	json_object_close(&w);
	json_writer_finish(&w);
	if (out.len && answer.len)
		websocket_send(connect->socket, buf_slice(&out), true);
	websocket_close(connect->socket, out.len && answer.len ? CLOSE_DONE : CLOSE_FAILED, "");
}

static void on_finished(struct connect *connect)
{
	if (connect->job->error.code)
		fail(connect, &connect->job->error);
	else
		send_result(connect);
}

/* --- what the client says --- */

static int feed(struct connect *connect, struct slice data, struct err *err)
{
	if (connect_feed(connect, data))
		return 0;
	return err_set(err, ERR_BAD_REQUEST, "The program does not read what it is sent.");
}

static int take_stdin(struct connect *connect, struct yyjson_val *body, struct err *err)
{
	struct slice data;
	int rc = json_get_text(json_at(body, "/data"), "data", &data, err);

	return rc < 0 ? rc : feed(connect, data, err);
}

/* At a terminal it is typed: termios(3), VEOF. */
static int take_eof(struct connect *connect, struct yyjson_val *body _unused_, struct err *err)
{
	if (connect->job->spec.window.rows)
		return feed(connect, SLICE_LITERAL("\4"), err);
	engine_feed_end(connect->job);
	return 0;
}

static int take_window(struct connect *connect, struct yyjson_val *body, struct err *err)
{
	struct window window;
	int rc = draft_read_window(json_at(body, "/window"), "window", &window, err);

	if (rc == 0)
		engine_resize(connect->job, window);
	return rc;
}

static int take_signal(struct connect *connect, struct yyjson_val *body, struct err *err)
{
	struct slice name;
	int rc = json_get_text(json_at(body, "/signal"), "signal", &name, err);

	if (rc < 0)
		return rc;
	int number = connect_signal_of(name);
	if (!number)
		return err_field(err, ERR_INVALID_FIELD, "signal", "There is no such signal.");
	if (!connect_signal(connect, number))
		return err_set(err, ERR_BAD_REQUEST, "Too many signals were sent.");
	return 0;
}

static const struct {
	struct slice type;
	int (*take)(struct connect *connect, struct yyjson_val *body, struct err *err);
} commands[] = {
    {{"stdin", 5}, take_stdin},
    {{"eof", 3}, take_eof},
    {{"signal", 6}, take_signal},
    {{"window", 6}, take_window},
};

static int command(struct connect *connect, struct yyjson_val *body, struct err *err)
{
	struct slice type = json_text(json_at(body, "/type"));

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (slice_equal(type, commands[i].type))
			return commands[i].take(connect, body, err);
	return err_field(err, ERR_INVALID_FIELD, "type", "There is no message of that type.");
}

static int take_text(struct connect *connect, struct slice message, struct err *err)
{
	struct yyjson_doc *doc;
	int rc = json_parse(&doc, message, err);

	if (rc < 0)
		return rc;
	rc = command(connect, json_root(doc), err);
	json_free(doc);
	return rc;
}

static int begin_run(struct connect *connect, struct slice message, bool text, struct err *err)
{
	if (!text)
		return err_set(err, ERR_BAD_REQUEST, "The first message is the request, as text.");
	int rc = connect_begin(connect, message, err);
	return rc < 0 ? rc : feed(connect, connect->job->spec.stdin_data, err);
}

/* What comes when the run is over is passed over: it was on its way. */
static void on_message(struct connect *connect, struct slice message, bool text)
{
	struct err err;
	int rc = 0;

	if (!connect->arena)
		rc = begin_run(connect, message, text, &err);
	else if (connect->job)
		rc = text ? take_text(connect, message, &err) : feed(connect, message, &err);
	if (rc < 0)
		fail(connect, &err);
}

static const struct connect_format format = {
    .dialect = &dialect_native,
    .begin_ms = BEGIN_MS,
    .on_late = on_late,
    .on_message = on_message,
    .on_stage = on_stage,
    .on_output = on_output,
    .on_exit = on_exit_of,
    .on_finished = on_finished,
};

void handle_connect(struct exchange *exchange)
{
	connect_open(exchange, &format);
}
