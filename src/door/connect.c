/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Piston's WebSocket: one run, whose streams are messages. A session lives as long as its socket; its
 * job is cancelled with it. A slow client makes the program wait, and a program that does not read
 * makes the client wait.
 */
#include <stdlib.h>
#include <string.h>

#include "api/guard.h"
#include "api/piston.h"
#include "api/stage.h"
#include "door/handlers.h"
#include "door/record.h"
#include "door/reply.h"
#include "door/text.h"
#include "http/websocket.h"
#include "json/json.h"

/* Piston's own codes and reasons: X(name, code, reason). */
#define CLOSES(X)                                                                                            \
	X(COMPLETED, 4999, "Job Completed")                                                                  \
	X(AGAIN, 4000, "Already Initialized")                                                                \
	X(TIMEOUT, 4001, "Initialization Timeout")                                                           \
	X(NOTIFIED, 4002, "Notified Error")                                                                  \
	X(EARLY, 4003, "Not yet initialized")                                                                \
	X(STREAM, 4004, "Can only write to stdin")                                                           \
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

#define INIT_MS           1000
#define MESSAGE_BYTES_MAX (6 * (TEXT_PART_BYTES + 4) + 4 * KIB)
#define ARENA_BYTES       (4 * MIB)
#define UNFED_BYTES_MAX   (256 * KIB)
#define SIGNAL_LAST       64
#define SIGNALS_MAX       100 /* of a session: each is work for the spawner */

struct session {
	struct door *door;
	struct key *key;
	struct websocket *socket;
	struct timer timer;    /* until init */
	struct arena *arena;   /* of the job's spec; NULL before init */
	struct job *job;       /* NULL before init, and at the end */
	struct text_tail tails[2];
	unsigned signals;
};

/* --- what we say --- */

static void begin(struct json_writer *w, struct buf *out, const char *type)
{
	buf_init(out, MESSAGE_BYTES_MAX);
	json_writer_init(w, out);
	json_object_open(w, NULL);
	json_put_text(w, "type", type);
}

static void send(struct session *session, struct json_writer *w)
{
	json_object_close(w);
	json_writer_finish(w);
	if (w->out->len)
		websocket_send(session->socket, buf_slice(w->out));
	buf_finish(w->out);
}

static void finish(struct session *session, enum close close)
{
	websocket_close(session->socket, closes[close].code, closes[close].reason);
}

static void fail(struct session *session, const char *text)
{
	struct json_writer w;
	struct buf out;

	begin(&w, &out, "error");
	json_put_text(&w, "message", text);
	send(session, &w);
	finish(session, CLOSE_NOTIFIED);
}

static const char *stage_text(const struct job *job)
{
	return job->stage == STAGE_COMPILE ? "compile" : "run";
}

static void send_runtime(struct session *session)
{
	const struct job_spec *spec = &session->job->spec;
	struct json_writer w;
	struct buf out;

	begin(&w, &out, "runtime");
	piston_put_runtime(&w, spec);
	send(session, &w);
}

static void send_data(struct session *session, unsigned stream, struct slice text)
{
	struct json_writer w;
	struct buf out;

	if (text.len == 0)
		return;
	begin(&w, &out, "data");
	json_put_text(&w, "stream", stream ? "stderr" : "stdout");
	json_put_bytes(&w, "data", text);
	send(session, &w);
}

/* --- what the run says --- */

static void on_stage(struct job *job)
{
	struct session *session = job->owner;
	struct json_writer w;
	struct buf out;

	begin(&w, &out, "stage");
	json_put_text(&w, "stage", stage_text(job));
	send(session, &w);
}

static void on_data(struct job *job, unsigned stream, struct slice data)
{
	struct session *session = job->owner;

	while (data.len)
		send_data(session, stream, text_part(&session->tails[stream], &data));
	if (websocket_is_full(session->socket))
		engine_pause(job, true);
}

static void on_fed(struct job *job)
{
	websocket_hold(((struct session *)job->owner)->socket, false);
}

static void on_exit_of(struct job *job)
{
	struct session *session = job->owner;
	const struct stage_result *stage =
	    job->stage == STAGE_COMPILE ? &job->result.compile : &job->result.run;
	struct json_writer w;
	struct buf out;

	for (unsigned i = 0; i < ARRAY_LEN(session->tails); i++)
		send_data(session, i, text_rest(&session->tails[i]));
	begin(&w, &out, "exit");
	json_put_text(&w, "stage", stage_text(job));
	stage_put_code(&w, stage);
	stage_put_signal(&w, stage);
	if (stage->note[0])
		json_put_text(&w, "error", stage->note);
	send(session, &w);
}

static const struct job_stream stream = {
    .interactive = true,
    .on_stage = on_stage,
    .on_data = on_data,
    .on_fed = on_fed,
    .on_exit = on_exit_of,
};

static void on_finished(struct job *job)
{
	struct session *session = job->owner;

	session->job = NULL;
	if (job->error.code) {
		fail(session, job->error.text);
	} else {
		finish(session, CLOSE_COMPLETED);
		record_job(session->door, job);
	}
	job_destroy(job);
}

/* --- what the client says --- */

/* The job's strings stay in the arena, as those of a request do. */
static int decode(struct session *session, struct slice message, struct job_spec *ret_spec, struct err *err)
{
	const struct api_context api = {
	    .config = session->door->config,
	    .runtimes = session->door->runtimes,
	    .key = &session->key->facts.limits,
	};
	struct api_request request = {.body = NULL};
	struct yyjson_doc *doc = NULL;

	session->arena = arena_create(3 * message.len + ARENA_BYTES);
	char *text = arena_alloc(session->arena, message.len + JSON_PADDING_BYTES);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	memcpy(text, message.data, message.len);
	int rc = door_refuses(session->door, err) == ERR_OK ? 0 : -err->code;
	if (rc == 0)
		rc = json_parse_in_place(&doc, text, message.len, err);
	if (rc == 0) {
		request.body = json_root(doc);
		rc = piston_decode(&api, &request, session->arena, ret_spec, err);
	}
	if (rc == 0) /* as exchange_submit does it */
		rc = guard_apply(&api, &dialect_piston, ret_spec, err);
	json_free(doc);
	return rc;
}

static int start(struct session *session, struct slice message, struct err *err)
{
	struct job *job = job_create(session->key, on_finished, session);

	if (!job)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	int rc = decode(session, message, &job->spec, err);
	if (rc == 0) {
		job->stream = &stream;
		rc = engine_submit(session->door->engine, job);
		if (rc < 0)
			err_set(err, (enum err_code)-rc, "%s", err_default_text(rc));
	}
	if (rc < 0)
		job_destroy(job);
	else
		session->job = job;
	return rc;
}

static void on_init(struct session *session, struct yyjson_val *body _unused_, struct slice message)
{
	struct err err;

	if (session->arena) {
		finish(session, CLOSE_AGAIN);
		return;
	}
	loop_timer_cancel(session->door->loop, &session->timer);
	if (start(session, message, &err) < 0)
		fail(session, err.text);
	else
		send_runtime(session);
}

static void on_input(struct session *session, struct yyjson_val *body, struct slice message _unused_)
{
	struct yyjson_val *data = json_at(body, "/data");

	if (!session->arena) {
		finish(session, CLOSE_EARLY);
	} else if (!slice_equal(json_text(json_at(body, "/stream")), SLICE_LITERAL("stdin"))) {
		finish(session, CLOSE_STREAM);
	} else if (!json_is_text(data)) {
		fail(session, "data must be a string");
	} else if (session->job) {
		if (engine_feed(session->job, json_text(data)) < 0)
			fail(session, "The program does not read what it is sent");
		else if (engine_unfed(session->job) > UNFED_BYTES_MAX)
			websocket_hold(session->socket, true);
	}
}

static void on_signal(struct session *session, struct yyjson_val *body, struct slice message _unused_)
{
	struct slice name = json_text(json_at(body, "/signal"));
	int number = 1;

	while (number <= SIGNAL_LAST && !slice_equal(name, slice_from(signal_name(number))))
		number++;
	if (!session->arena)
		finish(session, CLOSE_EARLY);
	else if (number > SIGNAL_LAST)
		finish(session, CLOSE_SIGNAL);
	else if (++session->signals > SIGNALS_MAX)
		fail(session, "This session has sent too many signals");
	else if (session->job)
		engine_signal(session->job, number);
}

static const struct {
	struct slice type;
	void (*take)(struct session *session, struct yyjson_val *body, struct slice message);
} kinds[] = {
    {{"init", 4}, on_init},
    {{"data", 4}, on_input},
    {{"signal", 6}, on_signal},
};

/* One of no known type is passed over. */
static void on_message(struct websocket *socket _unused_, struct slice message, bool text _unused_, void *ctx)
{
	struct session *session = ctx;
	struct yyjson_doc *doc;
	struct err err;

	if (json_parse(&doc, message, &err) < 0) {
		fail(session, err.text);
		return;
	}
	struct slice type = json_text(json_at(json_root(doc), "/type"));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (slice_equal(type, kinds[i].type))
			kinds[i].take(session, json_root(doc), message);
	json_free(doc);
}

/* --- beginning and end --- */

static void on_drained(struct websocket *socket _unused_, void *ctx)
{
	struct session *session = ctx;

	if (session->job)
		engine_pause(session->job, false);
}

static void on_gone(struct websocket *socket _unused_, void *ctx)
{
	struct session *session = ctx;

	loop_timer_cancel(session->door->loop, &session->timer);
	if (session->job)
		engine_cancel(session->job);
	arena_destroy(session->arena);
	free(session);
}

static void on_init_late(struct timer *timer)
{
	finish(container_of(timer, struct session, timer), CLOSE_TIMEOUT);
}

static const struct websocket_handler handler = {
    .on_message = on_message,
    .on_drained = on_drained,
    .on_gone = on_gone,
};

static struct session *open_session(struct exchange *exchange)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->door = exchange->door;
	session->key = exchange->key;
	session->socket = websocket_accept(exchange->request, &handler, session);
	if (session->socket)
		return session;
	free(session);
	return NULL;
}

void handle_piston_connect(struct exchange *exchange)
{
	struct err err;

	if (websocket_check(exchange->request, &err) < 0) {
		reply_error(exchange, &err);
		return;
	}
	struct session *session = open_session(exchange);
	if (session) {
		loop_timer_set(session->door->loop, &session->timer, clock_now_ns() + INIT_MS * NS_PER_MS,
		               on_init_late);
		return;
	}
	err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	reply_error(exchange, &err);
}
