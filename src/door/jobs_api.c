/* SPDX-License-Identifier: Apache-2.0 */
/* GET and DELETE of executions: those that have not ended from memory, the others from the store.
 */
#include <stdlib.h>

#include "door/follow.h"
#include "door/handlers.h"
#include "door/jobs_run.h"
#include "door/webhooks.h"

#define ANSWER_BYTES_MAX (2 * DOCUMENT_BYTES_MAX)

/* A request while the store is asked; in its arena. */
struct looking {
	struct exchange *exchange;
	struct document_wait wait;
	struct buf job; /* owned: its document, while that of its webhook is asked for */
	/* of a list */
	uint32_t most;
	enum execution_state state; /* EXECUTION_STATES: any */
	struct slice language;	    /* {NULL, 0}: any */
};

static void on_gone(struct http_request *request)
{
	struct looking *looking = request->owner;

	documents_end(&looking->wait);
	buf_finish(&looking->job);
}

static void fail(struct exchange *exchange, enum err_code code, const char *text)
{
	struct err err;

	err_set(&err, code, "%s", text);
	reply_error(exchange, &err);
}

static struct looking *look(struct exchange *exchange)
{
	struct looking *looking = arena_new(exchange->request->arena, struct looking);

	if (!looking) {
		fail(exchange, ERR_NO_MEMORY, err_default_text(ERR_NO_MEMORY));
		return NULL;
	}
	looking->exchange = exchange;
	looking->state = EXECUTION_STATES;
	return looking;
}

static void ask(struct looking *looking, struct msg_document_ask *msg,
		void (*fn)(struct document_wait *))
{
	struct exchange *exchange = looking->exchange;
	struct err err;

	looking->wait.fn = fn;
	if (documents_ask(&looking->wait, exchange->door, exchange->key, msg, (struct slice){0},
			  &err) < 0) {
		buf_finish(&looking->job);
		reply_error(exchange, &err);
		return;
	}
	exchange->request->owner = looking;
	exchange->request->on_gone = on_gone;
}

/* True with the document that was asked for; else it has been answered. */
static bool answered(struct looking *looking, struct document *ret_document)
{
	struct document_wait *wait = &looking->wait;
	struct slice bytes = buf_slice(&wait->bytes);
	struct err err = wait->err;

	if (wait->code == 0 && document_next(&bytes, ret_document) > 0)
		return true;
	if (wait->code == 0)
		err_set(&err, ERR_STORE, "%s", err_default_text(ERR_STORE));
	if (err.code == ERR_NOT_FOUND)
		err_set(&err, ERR_NOT_FOUND,
			"There is no execution of that id; results are kept for a while only.");
	documents_end(wait);
	reply_error(looking->exchange, &err);
	return false;
}

static void reply(struct exchange *exchange, struct buf *body)
{
	if (body->len) {
		reply_json(exchange, 200, body);
		return;
	}
	buf_finish(body);
	fail(exchange, ERR_NO_MEMORY, err_default_text(ERR_NO_MEMORY));
}

/* --- one --- */

static void reply_accepted(struct exchange *exchange, const struct accepted *accepted)
{
	const struct execution_now now = accepted_now(accepted);
	const struct job *job = now.state == EXECUTION_RUNNING ? accepted->job : NULL;
	struct buf body;

	buf_init(&body, ANSWER_BYTES_MAX + 6 * 2 * GIB); /* as much output as a run may have */
	execution_encode(&body, buf_slice(&accepted->head), &now, job ? &job->result.run : NULL,
			 job ? job->spec.output_encoding : OUTPUT_TEXT, (struct slice){0},
			 (struct slice){0});
	reply(exchange, &body);
}

/* delivery: the document of its webhook, NULL: it has none. */
static void reply_ended(struct looking *looking, const struct document *job,
			const struct document *delivery)
{
	struct slice result = {0}, told = {0};
	struct buf body;

	if (!job->mark)
		result = job->body; /* else it is the request */
	if (delivery)
		told = delivery->head;
	buf_init(&body, ANSWER_BYTES_MAX);
	execution_encode(&body, job->head, NULL, NULL, OUTPUT_TEXT, result, told);
	buf_finish(&looking->job);
	documents_end(&looking->wait);
	reply(looking->exchange, &body);
}

static void on_webhook(struct document_wait *wait)
{
	struct looking *looking = container_of(wait, struct looking, wait);
	struct slice bytes = buf_slice(&wait->bytes), job_bytes = buf_slice(&looking->job);
	struct document delivery, job;
	bool there = wait->code == 0 && document_next(&bytes, &delivery) > 0;

	document_next(&job_bytes, &job);
	reply_ended(looking, &job, there ? &delivery : NULL);
}

static void ask_webhook(struct looking *looking, const char *job_id)
{
	struct msg_document_ask msg = {.op = DOCUMENT_GET, .kind = DOCUMENT_WEBHOOK};

	webhook_id_of(msg.id, job_id);
	looking->job = looking->wait.bytes;
	buf_init(&looking->wait.bytes, 0);
	ask(looking, &msg, on_webhook);
}

/* One that has not ended, and that this process does not know yet, waits as far as anybody knows.
 */
static void on_found(struct document_wait *wait)
{
	struct looking *looking = container_of(wait, struct looking, wait);
	struct document job;

	if (!answered(looking, &job))
		return;
	if (execution_has_webhook(job.head))
		ask_webhook(looking, job.id);
	else
		reply_ended(looking, &job, NULL);
}

/* Its id, and it if it has not ended; else, for a look at the store, *ret_looking, or it was
 * answered. */
static struct accepted *find(struct exchange *exchange, struct msg_document_ask *msg,
			     struct looking **ret_looking)
{
	*msg = (struct msg_document_ask){.op = DOCUMENT_GET, .kind = DOCUMENT_JOB};
	*ret_looking = NULL;
	document_id_copy(msg->id,
			 exchange_param(exchange, 0)); /* one that is too long is not found */
	struct accepted *accepted = jobs_find(exchange->door->jobs, exchange->key, msg->id);
	if (!accepted)
		*ret_looking = look(exchange);
	return accepted;
}

void handle_execution(struct exchange *exchange)
{
	struct msg_document_ask msg;
	struct looking *looking;
	const struct accepted *accepted = find(exchange, &msg, &looking);

	if (accepted)
		reply_accepted(exchange, accepted);
	else if (looking)
		ask(looking, &msg, on_found);
}

/* --- following one that has ended --- */

/* In a log of its own, which goes with its only follower. */
static void follow_answer(struct exchange *exchange, enum event_kind kind, struct slice body)
{
	const struct event_log_owner nobody = {0};
	struct event_log *log =
	    event_log_create(exchange->door->events, exchange->id, exchange->key, false, &nobody);

	if (!log) {
		fail(exchange, ERR_NO_MEMORY, err_default_text(ERR_NO_MEMORY));
		return;
	}
	run_events_add_answer(log, kind, 200, body);
	if (follow_log(exchange, log, 0, NULL) < 0)
		fail(exchange, ERR_NO_MEMORY, err_default_text(ERR_NO_MEMORY));
	event_log_end(log);
}

static void on_ended(struct document_wait *wait)
{
	struct looking *looking = container_of(wait, struct looking, wait);
	struct document_wait kept;
	struct document document;

	if (!answered(looking, &document))
		return;
	kept = *wait; /* the request, and with it this wait, may be gone before its bytes are */
	if (document.mark)
		fail(looking->exchange, ERR_UNAVAILABLE, err_default_text(ERR_UNAVAILABLE));
	else if (document.body.len)
		follow_answer(looking->exchange, EVENT_RESULT, document.body);
	else
		follow_answer(looking->exchange, EVENT_ERROR, document.head);
	buf_finish(&kept.bytes);
}

void jobs_follow_ended(struct exchange *exchange)
{
	struct msg_document_ask msg;
	struct looking *looking;

	if (!exchange->door->store)
		fail(exchange, ERR_NOT_FOUND,
		     "There are no events of such an execution, or they are not kept any more.");
	else if (find(exchange, &msg, &looking))
		fail(exchange, ERR_UNAVAILABLE, "It is ending just now; ask again.");
	else if (looking)
		ask(looking, &msg, on_ended);
}

/* --- cancelling --- */

static void on_canceller_gone(struct http_request *request)
{
	struct accepted *accepted = request->owner;

	accepted->asker = NULL;
}

void accepted_answer_cancel(struct accepted *accepted)
{
	struct exchange *exchange = steal_pointer(accepted->asker);
	struct slice bytes = buf_slice(&accepted->documents);
	struct document document;
	struct buf body;

	if (!exchange)
		return;
	buf_init(&body, JOB_HEAD_BYTES_MAX);
	if (document_next(&bytes, &document) > 0)
		buf_append(&body, document.head.data, document.head.len);
	reply(exchange, &body);
}

static void on_not_running(struct document_wait *wait)
{
	struct looking *looking = container_of(wait, struct looking, wait);
	struct document document;

	if (!answered(looking, &document))
		return;
	bool ended = document.mark == 0;
	documents_end(wait);
	if (ended)
		fail(looking->exchange, ERR_CONFLICT, "It has ended already.");
	else
		fail(looking->exchange, ERR_UNAVAILABLE, err_default_text(ERR_UNAVAILABLE));
}

void handle_execution_cancel(struct exchange *exchange)
{
	struct msg_document_ask msg;
	struct looking *looking;
	struct accepted *accepted = find(exchange, &msg, &looking);

	if (looking) {
		ask(looking, &msg, on_not_running);
	} else if (accepted && (accepted->asker || !accepted_cancel(accepted))) {
		fail(exchange, ERR_CONFLICT, "It is ending already.");
	} else if (accepted) {
		accepted->asker = exchange;
		exchange->request->owner = accepted;
		exchange->request->on_gone = on_canceller_gone;
	}
}

/* --- lists --- */

static bool is_wanted(const struct looking *looking, struct yyjson_val *head,
		      const struct execution_now *now)
{
	struct slice state = json_text(json_at(head, "/state"));

	if (looking->language.data &&
	    !slice_equal(looking->language, json_text(json_at(head, "/language"))))
		return false;
	if (looking->state == EXECUTION_STATES)
		return true;
	return now ? now->state == looking->state : execution_state_of(state) == looking->state;
}

static void put_row(struct json_writer *w, const struct looking *looking,
		    const struct document *document)
{
	struct exchange *exchange = looking->exchange;
	const struct accepted *accepted =
	    document->mark ? jobs_find(exchange->door->jobs, exchange->key, document->id) : NULL;
	struct execution_now now;
	struct yyjson_doc *doc = NULL;

	if (accepted)
		now = accepted_now(accepted);
	if (json_parse(&doc, document->head, NULL) == 0 &&
	    is_wanted(looking, json_root(doc), accepted ? &now : NULL)) {
		json_object_open(w, NULL);
		execution_put(w, json_root(doc), accepted ? &now : NULL);
		json_object_close(w);
	}
	json_free(doc);
}

static void on_listed(struct document_wait *wait)
{
	struct looking *looking = container_of(wait, struct looking, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document = {0};
	struct err err = wait->err;
	struct json_writer w;
	struct buf body;

	if (wait->code < 0) {
		documents_end(wait);
		reply_error(looking->exchange, &err);
		return;
	}
	buf_init(&body, ANSWER_BYTES_MAX);
	json_writer_init(&w, &body);
	json_object_open(&w, NULL);
	json_array_open(&w, "executions");
	while (document_next(&bytes, &document) > 0)
		put_row(&w, looking, &document);
	json_array_close(&w);
	json_put_text(&w, "next", wait->count == looking->most ? document.id : NULL);
	json_object_close(&w);
	json_writer_finish(&w);
	documents_end(wait);
	reply(looking->exchange, &body);
}

static bool read_count(struct slice text, uint32_t *ret_count)
{
	unsigned count = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || count > DOCUMENTS_PAGE_MAX)
			return false;
		count = count * 10 + (unsigned)(text.data[i] - '0');
	}
	*ret_count = count;
	return count > 0 && count <= DOCUMENTS_PAGE_MAX;
}

static int read_query(struct looking *looking, struct msg_document_ask *msg, struct err *err)
{
	struct slice query = looking->exchange->api.query, count = api_query_value(query, "count"),
		     state = api_query_value(query, "state"),
		     before = api_query_value(query, "before");

	looking->most = DOCUMENTS_PAGE_MAX;
	looking->language = api_query_value(query, "language");
	if (count.data && !read_count(count, &looking->most))
		return err_field(err, ERR_INVALID_FIELD, "count",
				 "'count' must be a number from 1 to %d.", DOCUMENTS_PAGE_MAX);
	if (state.data && (looking->state = execution_state_of(state)) == EXECUTION_STATES)
		return err_field(err, ERR_INVALID_FIELD, "state", "There is no such state.");
	if (before.data && !document_id_copy(msg->id, before))
		return err_field(err, ERR_INVALID_FIELD, "before",
				 "'before' must be an execution's id.");
	msg->most = looking->most;
	if (state.data)
		msg->marked =
		    execution_has_ended(looking->state) ? DOCUMENT_UNMARKED : DOCUMENT_MARKED;
	return 0;
}

void handle_executions(struct exchange *exchange)
{
	struct msg_document_ask msg = {.op = DOCUMENT_LIST, .kind = DOCUMENT_JOB};
	struct looking *looking = look(exchange);
	struct err err;

	if (looking && read_query(looking, &msg, &err) < 0)
		reply_error(exchange, &err);
	else if (looking)
		ask(looking, &msg, on_listed);
}
