/* SPDX-License-Identifier: Apache-2.0 */
/* Piston's WebSocket, with its messages and its close codes. */
#include "api/piston.h"
#include "api/stage.h"
#include "door/connect.h"
#include "door/handlers.h"

/* Piston's own codes and reasons: X(name, code, reason). */
#define CLOSES(X)                                                                                  \
	X(COMPLETED, 4999, "Job Completed")                                                        \
	X(AGAIN, 4000, "Already Initialized")                                                      \
	X(TIMEOUT, 4001, "Initialization Timeout")                                                 \
	X(NOTIFIED, 4002, "Notified Error")                                                        \
	X(EARLY, 4003, "Not yet initialized")                                                      \
	X(STREAM, 4004, "Can only write to stdin")                                                 \
	X(SIGNAL, 4005, "Invalid signal")

enum close {
#define X(name, code, reason) CLOSE_##name,
	CLOSES(X)
#undef X
};

static const struct {
	unsigned code;
	const char *reason;
} closes[] = {
#define X(name, code, reason) [CLOSE_##name] = {code, reason},
    CLOSES(X)
#undef X
};

#define INIT_MS 1000

/* --- what we say --- */

static void finish(struct connect *connect, enum close close)
{
	websocket_close(connect->socket, closes[close].code, closes[close].reason);
}

static void fail(struct connect *connect, const char *text)
{
	struct json_writer w;
	struct buf out;

	connect_message(&w, &out, "error");
	json_put_text(&w, "message", text);
	connect_send(connect, &w);
	finish(connect, CLOSE_NOTIFIED);
}

static void send_runtime(struct connect *connect)
{
	struct json_writer w;
	struct buf out;

	connect_message(&w, &out, "runtime");
	piston_put_runtime(&w, &connect->job->spec);
	connect_send(connect, &w);
}

static void send_data(struct connect *connect, unsigned stream, struct slice text)
{
	struct json_writer w;
	struct buf out;

	if (text.len == 0)
		return;
	connect_message(&w, &out, "data");
	json_put_text(&w, "stream", stream ? "stderr" : "stdout");
	json_put_bytes(&w, "data", text);
	connect_send(connect, &w);
}

/* --- what the run says --- */

static void on_stage(struct connect *connect)
{
	struct json_writer w;
	struct buf out;

	connect_message(&w, &out, "stage");
	json_put_text(&w, "stage", connect_stage(connect));
	connect_send(connect, &w);
}

static void on_output(struct connect *connect, unsigned stream, struct slice data)
{
	while (data.len)
		send_data(connect, stream, text_part(&connect->tails[stream], &data));
}

static void on_exit_of(struct connect *connect)
{
	const struct job *job = connect->job;
	const struct stage_result *stage =
	    job->stage == STAGE_COMPILE ? &job->result.compile : &job->result.run;
	struct json_writer w;
	struct buf out;

	for (unsigned i = 0; i < ARRAY_LEN(connect->tails); i++)
		send_data(connect, i, text_rest(&connect->tails[i]));
	connect_message(&w, &out, "exit");
	json_put_text(&w, "stage", connect_stage(connect));
	stage_put_code(&w, "code", stage);
	stage_put_signal(&w, stage);
	if (stage->note[0])
		json_put_text(&w, "error", stage->note);
	connect_send(connect, &w);
}

static void on_finished(struct connect *connect)
{
	if (connect->job->error.code)
		fail(connect, connect->job->error.text);
	else
		finish(connect, CLOSE_COMPLETED);
}

static void on_late(struct connect *connect)
{
	finish(connect, CLOSE_TIMEOUT);
}

/* --- what the client says --- */

static void on_init(struct connect *connect, struct yyjson_val *body _unused_, struct slice message)
{
	struct err err;

	if (connect->arena)
		finish(connect, CLOSE_AGAIN);
	else if (connect_begin(connect, message, &err) < 0)
		fail(connect, err.text);
	else
		send_runtime(connect);
}

static void on_input(struct connect *connect, struct yyjson_val *body,
		     struct slice message _unused_)
{
	struct yyjson_val *data = json_at(body, "/data");

	if (!connect->arena)
		finish(connect, CLOSE_EARLY);
	else if (!slice_equal(json_text(json_at(body, "/stream")), SLICE_LITERAL("stdin")))
		finish(connect, CLOSE_STREAM);
	else if (!json_is_text(data))
		fail(connect, "data must be a string");
	else if (connect->job && !connect_feed(connect, json_text(data)))
		fail(connect, "The program does not read what it is sent");
}

static void on_signal(struct connect *connect, struct yyjson_val *body,
		      struct slice message _unused_)
{
	int number = connect_signal_of(json_text(json_at(body, "/signal")));

	if (!connect->arena)
		finish(connect, CLOSE_EARLY);
	else if (!number)
		finish(connect, CLOSE_SIGNAL);
	else if (connect->job && !connect_signal(connect, number))
		fail(connect, "This session has sent too many signals");
}

static const struct {
	struct slice type;
	void (*take)(struct connect *connect, struct yyjson_val *body, struct slice message);
} kinds[] = {
    {{"init", 4}, on_init},
    {{"data", 4}, on_input},
    {{"signal", 6}, on_signal},
};

/* One of no known type is passed over. */
static void on_message(struct connect *connect, struct slice message, bool text _unused_)
{
	struct yyjson_doc *doc;
	struct err err;

	if (json_parse(&doc, message, &err) < 0) {
		fail(connect, err.text);
		return;
	}
	struct slice type = json_text(json_at(json_root(doc), "/type"));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (slice_equal(type, kinds[i].type))
			kinds[i].take(connect, json_root(doc), message);
	json_free(doc);
}

/* Piston does not count the output of such a run. */
static const struct connect_format format = {
    .dialect = &dialect_piston,
    .begin_ms = INIT_MS,
    .unlimited = true,
    .on_late = on_late,
    .on_message = on_message,
    .on_stage = on_stage,
    .on_output = on_output,
    .on_exit = on_exit_of,
    .on_finished = on_finished,
};

void handle_piston_connect(struct exchange *exchange)
{
	connect_open(exchange, &format);
}
