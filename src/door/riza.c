/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What callers of Riza's format keep: each address is a row that says what is asked of the store,
 * and what is made of it. One ask at a time; a request is answered from the last one's answer.
 */
#include <string.h>

#include "api/riza_kept.h"
#include "door/documents.h"
#include "door/handlers.h"
#include "door/packages.h"
#include "door/reply.h"

#define BYTES_MAX (4 * DOCUMENT_BYTES_MAX)

struct action {
	enum document_op op;	 /* of the last ask */
	enum document_kind kind; /* of what is listed, given or deleted */
	const char *list_key;	 /* LIST: the name of the array */
	unsigned params;	 /* how many {} the address has: a parent's id, then the id */
	bool paged;		 /* LIST: else it is whole */
	riza_make_fn *make;	 /* PUT */
	bool changes;		 /* PUT: of one that is there, of kind and the first {} */
	bool builds;		 /* PUT: packages may have to be built first */
};

/* A request while it waits; in its arena. */
struct keeping {
	struct exchange *exchange;
	const struct action *action;
	struct document_wait wait;
	struct yyjson_doc *body, *old; /* owned */
	struct packages_build *build; /* NULL: none is under way */
	struct buf documents, answer; /* owned */
};

static void finish(struct keeping *keeping)
{
	documents_end(&keeping->wait);
	packages_cancel(keeping->build);
	json_free(keeping->body);
	json_free(keeping->old);
	buf_finish(&keeping->documents);
	buf_finish(&keeping->answer);
}

static void fail(struct keeping *keeping, const struct err *err)
{
	const struct err copy = *err;

	finish(keeping);
	reply_error(keeping->exchange, &copy);
}

static void reply(struct keeping *keeping)
{
	struct buf answer = keeping->answer;

	keeping->answer = (struct buf){0};
	finish(keeping);
	reply_json(keeping->exchange, 200, &answer);
}

static void on_gone(struct http_request *request)
{
	finish(request->owner);
}

static void ask(struct keeping *keeping, struct msg_document_ask *msg,
		void (*fn)(struct document_wait *))
{
	struct exchange *exchange = keeping->exchange;
	struct err err;

	documents_end(&keeping->wait);
	keeping->wait.fn = fn;
	if (documents_ask(&keeping->wait, exchange->door, exchange->key, msg,
			  buf_slice(&keeping->documents), &err) < 0) {
		fail(keeping, &err);
		return;
	}
	exchange->request->owner = keeping;
	exchange->request->on_gone = on_gone;
}

/* The error of an answer, or of one that is not what it should be. */
static bool answer_failed(struct document_wait *wait, int rc)
{
	struct keeping *keeping = container_of(wait, struct keeping, wait);
	struct err err = wait->err;

	if (wait->code == 0 && rc >= 0)
		return false;
	if (wait->code == 0)
		err_set(&err, (enum err_code) - rc, "%s", err_default_text(rc));
	fail(keeping, &err);
	return true;
}

/* --- lists, single ones, the end of one --- */

static void on_listed(struct document_wait *wait)
{
	struct keeping *keeping = container_of(wait, struct keeping, wait);

	if (!wait->code && keeping->action->params && !wait->bytes.len) {
		wait->code = -ERR_NOT_FOUND; /* what has a list of its own was made with the first of it */
		err_set(&wait->err, ERR_NOT_FOUND, "There is nothing of that id.");
	}
	int rc = wait->code ? 0
			    : riza_encode_page(&keeping->answer, keeping->action->list_key,
					       buf_slice(&wait->bytes));

	if (!answer_failed(wait, rc))
		reply(keeping);
}

static void on_given(struct document_wait *wait)
{
	struct keeping *keeping = container_of(wait, struct keeping, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;
	int rc = wait->code ? 0 : document_next(&bytes, &document) > 0 ? 0 : -ERR_STORE;

	if (rc == 0 && wait->code == 0)
		rc = riza_encode_kept(&keeping->answer, &document);
	if (!answer_failed(wait, rc))
		reply(keeping);
}

static void on_deleted(struct document_wait *wait)
{
	struct keeping *keeping = container_of(wait, struct keeping, wait);

	if (answer_failed(wait, 0))
		return;
	riza_encode_deleted(&keeping->answer, exchange_param(keeping->exchange, 0));
	reply(keeping);
}

static int fill_page(struct keeping *keeping, struct msg_document_ask *msg, struct err *err)
{
	struct riza_page page = {.most = DOCUMENTS_PAGE_MAX};
	int rc =
	    keeping->action->paged ? riza_read_page(keeping->exchange->api.query, &page, err) : 0;

	msg->most = page.most;
	msg->marked = page.marked;
	document_id_copy(msg->id, page.after);
	return rc;
}

/* The ids in the address: the last one is the document's, one before it the parent's. */
static int fill_ids(struct keeping *keeping, struct msg_document_ask *msg, struct err *err)
{
	const struct action *action = keeping->action;
	bool list = msg->op == DOCUMENT_LIST;

	for (unsigned i = 0; i < action->params; i++) {
		bool is_id = !list && i + 1 == action->params;
		if (!document_id_copy(is_id ? msg->id : msg->parent,
				      exchange_param(keeping->exchange, i)))
			return err_set(err, ERR_NOT_FOUND, "There is nothing of that id.");
	}
	return list ? fill_page(keeping, msg, err) : 0;
}

/* --- making and changing --- */

static void on_kept(struct document_wait *wait)
{
	if (!answer_failed(wait, 0))
		reply(container_of(wait, struct keeping, wait));
}

static struct riza_making making_of(struct keeping *keeping, const struct api_context *api)
{
	struct exchange *exchange = keeping->exchange;

	return (struct riza_making){
	    .api = api,
	    .arena = exchange->request->arena,
	    .body = exchange->api.body,
	    .old = json_root(keeping->old),
	    .documents = &keeping->documents,
	    .answer = &keeping->answer,
	};
}

static void make(struct keeping *keeping, const struct riza_packages *packages)
{
	struct msg_document_ask msg = {.op = DOCUMENT_PUT};
	const struct api_context api = exchange_context(keeping->exchange);
	struct riza_making making = making_of(keeping, &api);
	struct err err;

	making.packages = packages;
	if (keeping->action->make(&making, &err) < 0)
		fail(keeping, &err);
	else
		ask(keeping, &msg, on_kept);
}

static void on_built(void *ctx, const struct packages_built *built)
{
	const struct riza_packages packages = {
	    .why = built->done ? NULL : built->why, .tree = built->tree, .python = built->python};
	struct keeping *keeping = ctx;

	keeping->build = NULL;
	make(keeping, &packages);
}

/* Made at once, or when its packages are there. */
static void prepare(struct keeping *keeping)
{
	struct exchange *exchange = keeping->exchange;
	const struct api_context api = exchange_context(exchange);
	const struct riza_making making = making_of(keeping, &api);
	enum package_kind kind;
	struct slice manifest;
	struct err err;

	if (!keeping->action->builds || !riza_needs_packages(&making, &kind, &manifest)) {
		make(keeping, NULL);
		return;
	}
	keeping->build = packages_begin(exchange->door, exchange->key, kind, manifest, on_built, keeping, &err);
	if (!keeping->build) {
		fail(keeping, &err);
		return;
	}
	exchange->request->owner = keeping;
	exchange->request->on_gone = on_gone;
}

static void on_old(struct document_wait *wait)
{
	struct keeping *keeping = container_of(wait, struct keeping, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;
	int rc = wait->code ? 0 : document_next(&bytes, &document) > 0 ? 0 : -ERR_STORE;

	if (rc == 0 && wait->code == 0 && json_parse(&keeping->old, document.head, NULL) < 0)
		rc = -ERR_STORE;
	if (!answer_failed(wait, rc))
		prepare(keeping);
}

static void begin_put(struct keeping *keeping)
{
	struct exchange *exchange = keeping->exchange;
	struct msg_document_ask msg = {.op = DOCUMENT_GET, .kind = keeping->action->kind};
	struct err err;

	if (exchange_parse(exchange, &keeping->body, &err) < 0 ||
	    (!json_is_object(exchange->api.body) &&
	     err_set(&err, ERR_INVALID_FIELD, "The body must be an object.")))
		fail(keeping, &err);
	else if (!keeping->action->changes)
		prepare(keeping);
	else if (!document_id_copy(msg.id, exchange_param(exchange, 0)) &&
		 err_set(&err, ERR_NOT_FOUND, "There is nothing of that id."))
		fail(keeping, &err);
	else
		ask(keeping, &msg, on_old);
}

/* --- addresses --- */

static void begin_look(struct keeping *keeping)
{
	static void (*const then[DOCUMENT_OP_COUNT])(struct document_wait *) = {
	    [DOCUMENT_GET] = on_given,
	    [DOCUMENT_LIST] = on_listed,
	    [DOCUMENT_DELETE] = on_deleted,
	};
	struct msg_document_ask msg = {.op = keeping->action->op, .kind = keeping->action->kind};
	struct err err;

	if (fill_ids(keeping, &msg, &err) < 0)
		fail(keeping, &err);
	else
		ask(keeping, &msg, then[msg.op]);
}

static void begin(struct exchange *exchange, const struct action *action)
{
	struct keeping *keeping = arena_new(exchange->request->arena, struct keeping);
	struct err err;

	if (!keeping) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	keeping->exchange = exchange;
	keeping->action = action;
	buf_init(&keeping->documents, BYTES_MAX);
	buf_init(&keeping->answer, BYTES_MAX);
	if (action->op == DOCUMENT_PUT)
		begin_put(keeping);
	else
		begin_look(keeping);
}

#define X(name, ...)                                                                               \
	void handle_riza_##name(struct exchange *exchange)                                         \
	{                                                                                          \
		static const struct action action = {__VA_ARGS__};                                 \
		begin(exchange, &action);                                                          \
	}
#include "door/riza.def"
#undef X
