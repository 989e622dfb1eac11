/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/sessions/{id}/interrupt and /restart: at once, also while an execute is at the interpreter. */
#include "api/api.h"
#include "door/handlers.h"
#include "door/reply.h"
#include "door/session_resident.h"
#include "engine/resident.h"
#include "json/json.h"

struct control {
	struct exchange *exchange;
	struct session_user user;
	/* Whether there was something to do it to; *ret_name is the answer's word for that. */
	bool (*act)(struct session *session, const char **ret_name);
};

static bool interrupt(struct session *session, const char **ret_name)
{
	*ret_name = "interrupted";
	return session_resident_interrupt(session);
}

static bool restart(struct session *session, const char **ret_name)
{
	*ret_name = "restarted";
	return session_resident_restart(session);
}

static void reply(struct control *control)
{
	struct session *session = control->user.session;
	struct exchange *exchange = control->exchange;
	struct json_writer w;
	struct buf body;
	const char *name;

	bool done = control->act(session, &name);
	buf_init(&body, KIB);
	json_writer_init(&w, &body);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", session->name);
	json_put_bool(&w, name, done);
	json_object_close(&w);
	json_writer_finish(&w);
	sessions_leave(&control->user);
	reply_json(exchange, 200, &body);
}

static void on_turn(struct session_user *user)
{
	struct control *control = container_of(user, struct control, user);
	struct err err = user->err;

	if (!user->code && session_has_resident(user->session)) {
		reply(control);
		return;
	}
	if (!user->code)
		err_set(&err, ERR_CONFLICT, "Nothing of this session stays between its executes; see stateful and background.");
	sessions_leave(user);
	reply_error(control->exchange, &err);
}

static void on_gone(struct http_request *request)
{
	sessions_leave(&((struct control *)request->owner)->user);
}

static void begin(struct exchange *exchange, bool (*act)(struct session *, const char **))
{
	struct control *control = arena_new(exchange->request->arena, struct control);
	struct err err;

	if (!control) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	*control = (struct control){.exchange = exchange, .user.fn = on_turn, .act = act};
	exchange->request->owner = control;
	exchange->request->on_gone = on_gone;
	if (sessions_enter(&control->user, exchange->door, exchange->key, exchange_param(exchange, 0), SESSION_LOOK, &err) < 0)
		reply_error(exchange, &err);
}

void handle_session_interrupt(struct exchange *exchange)
{
	begin(exchange, interrupt);
}

void handle_session_restart(struct exchange *exchange)
{
	begin(exchange, restart);
}
