/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents for the front, one ask at a time, each answered before the next is read: so what waits
 * is bounded by the channel. The front says whose documents it means, as it alone knows who asks;
 * what it sends is checked as from a less trusted peer.
 */
#include "role/store_documents.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "store/documents.h"

#define PUT_BYTES_MAX	 (4 * DOCUMENT_BYTES_MAX)
#define ANSWER_BYTES_MAX (4 * DOCUMENT_BYTES_MAX)

typedef int serve_fn(struct store *store, const struct msg_document_ask *ask, int fd,
		     struct buf *out, uint32_t *ret_count, struct err *err);

static int serve_put(struct store *store, const struct msg_document_ask *ask, int fd,
		     struct buf *out _unused_, uint32_t *ret_count _unused_, struct err *err)
{
	_buf_finish_ struct buf bytes;

	buf_init(&bytes, PUT_BYTES_MAX);
	int rc = fd < 0 ? -ERR_PROTOCOL : document_read(fd, PUT_BYTES_MAX, &bytes);
	if (rc < 0)
		return err_set(err, (enum err_code) - rc, "%s", err_default_text(rc));
	return store_documents_put(store, ask->key_id, buf_slice(&bytes), err);
}

static int serve_get(struct store *store, const struct msg_document_ask *ask, int fd _unused_,
		     struct buf *out, uint32_t *ret_count, struct err *err)
{
	int rc = store_document_get(store, ask, out, err);

	*ret_count = rc == 0;
	return rc;
}

static int serve_list(struct store *store, const struct msg_document_ask *ask, int fd _unused_,
		      struct buf *out, uint32_t *ret_count, struct err *err)
{
	return store_documents_list(store, ask, out, ret_count, err);
}

static int serve_delete(struct store *store, const struct msg_document_ask *ask, int fd _unused_,
			struct buf *out _unused_, uint32_t *ret_count _unused_, struct err *err)
{
	return store_document_delete(store, ask, err);
}

static int serve_claim(struct store *store, const struct msg_document_ask *ask, int fd _unused_,
		       struct buf *out, uint32_t *ret_count, struct err *err)
{
	int rc = store_document_claim(store, ask, out, err);

	*ret_count = rc == 0;
	return rc;
}

static int serve_recall(struct store *store, const struct msg_document_ask *ask, int fd _unused_,
			struct buf *out, uint32_t *ret_count, struct err *err)
{
	return store_documents_recall(store, ask, out, ret_count, err);
}

static serve_fn *const serve[DOCUMENT_OP_COUNT] = {
    [DOCUMENT_PUT] = serve_put,	    [DOCUMENT_GET] = serve_get,
    [DOCUMENT_LIST] = serve_list,   [DOCUMENT_DELETE] = serve_delete,
    [DOCUMENT_CLAIM] = serve_claim, [DOCUMENT_RECALL] = serve_recall,
};

static bool is_text(const char text[static KEY_ID_BYTES])
{
	return memchr(text, '\0', KEY_ID_BYTES) != NULL;
}

static bool is_good(const struct msg_document_ask *ask)
{
	return ask->op < DOCUMENT_OP_COUNT && ask->kind < DOCUMENT_KIND_COUNT &&
	       is_text(ask->key_id) && !ask->key_id[0] == (ask->op == DOCUMENT_RECALL) &&
	       is_text(ask->id) && is_text(ask->parent);
}

static int carry_out(struct store *store, const struct msg_document_ask *ask, int fd,
		     struct buf *out, uint32_t *ret_count, struct err *err)
{
	if (!is_good(ask))
		return err_set(err, ERR_PROTOCOL, "%s", err_default_text(ERR_PROTOCOL));
	return serve[ask->op](store, ask, fd, out, ret_count, err);
}

static void log_failure(const struct err *err)
{
	char reason[sizeof(err->text) * 2];

	if (err_status(err->code) >= 500)
		log_at(LOG_ERROR, "documents", "code=%s reason=%s", err_name(err->code),
		       log_quote(reason, sizeof(reason), err->text, strlen(err->text)));
}

/* The front waits for every answer; one that cannot be sent ends us, which answers all. */
static void answer(struct channel *front, struct msg_documents *msg, const struct buf *out)
{
	int fd = -1;

	if (msg->count) {
		fd = fd_sealed_copy("documents", out->data, out->len);
		if (fd < 0)
			msg->code = ERR_IO;
		msg->count = fd < 0 ? 0 : msg->count;
	}
	if (channel_send(front, MSG_FRONT_DOCUMENTS, msg, &fd, fd >= 0) < 0)
		fatal("answer_lost", "number=%llu", (unsigned long long)msg->number);
}

void store_documents_serve(struct store *store, struct channel *front, struct message *message)
{
	const struct msg_document_ask *ask = message->body;
	struct msg_documents msg;
	_close_ int fd = msg_take_fd(message, 0);
	_buf_finish_ struct buf out;
	struct err err = {0};

	buf_init(&out, ANSWER_BYTES_MAX);
	memset(&msg, 0, sizeof(msg));
	if (carry_out(store, ask, fd, &out, &msg.count, &err) < 0) {
		log_failure(&err);
		msg.code = err.code == ERR_AGAIN ? ERR_STORE : (uint32_t)err.code;
		snprintf(msg.text, sizeof(msg.text), "%.*s", MSG_TEXT_BYTES - 1, err.text);
		msg.count = 0;
	}
	msg.number = ask->number;
	if (ask->number)
		answer(front, &msg, &out);
}

/* --- finished runs --- */

static bool append_run(const struct audit_run *run, void *ctx)
{
	return buf_append(ctx, run, sizeof(*run)) == 0;
}

void store_runs_serve(struct store *store, struct channel *front, struct message *message)
{
	struct msg_runs_ask ask = *(const struct msg_runs_ask *)message->body;
	struct msg_documents msg;
	_buf_finish_ struct buf out;
	struct err err = {0};
	int rc;

	buf_init(&out, AUDIT_RUNS_MAX * sizeof(struct audit_run));
	memset(&msg, 0, sizeof(msg));
	msg.number = ask.number;
	ask.most = MIN_OF(ask.most, (uint32_t)AUDIT_RUNS_MAX);
	if (!is_text(ask.key_id) || !ask.key_id[0])
		rc = err_set(&err, ERR_PROTOCOL, "%s", err_default_text(ERR_PROTOCOL));
	else
		rc = store_runs(store, &ask, append_run, &out, &err);
	if (rc < 0) {
		log_failure(&err);
		msg.code = err.code == ERR_AGAIN ? ERR_STORE : (uint32_t)err.code;
	} else {
		msg.count = (uint32_t)(out.len / sizeof(struct audit_run));
	}
	answer(front, &msg, &out);
}
