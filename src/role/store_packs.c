/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs for the front: files for it to write, which it never names, and files to read. What they hold is the front's
 * affair; that they are there, and have the size that a document says, is ours.
 */
#include "role/store_packs.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "store/packs.h"

typedef int serve_fn(struct store *store, const struct msg_pack_ask *ask, int *ret_fd, struct err *err);

static int serve_new(struct store *store, const struct msg_pack_ask *ask, int *ret_fd, struct err *err)
{
	return store_pack_new(store, ask->number, ret_fd, err);
}

static int serve_drop(struct store *store, const struct msg_pack_ask *ask, int *ret_fd _unused_, struct err *err _unused_)
{
	store_pack_drop(store, ask->file);
	return 0;
}

static serve_fn *const serve[PACK_OP_COUNT] = {
    [PACK_NEW] = serve_new,
    [PACK_KEEP] = store_pack_keep,
    [PACK_DROP] = serve_drop,
    [PACK_OPEN] = store_pack_open,
};

static void log_failure(const struct err *err)
{
	char reason[sizeof(err->text) * 2];

	log_at(LOG_ERROR, "packs", "code=%s reason=%s", err_name(err->code),
	       log_quote(reason, sizeof(reason), err->text, strlen(err->text)));
}

void store_packs_serve(struct store *store, struct channel *front, struct message *message)
{
	const struct msg_pack_ask *ask = message->body;
	struct msg_pack answer;
	struct err err = {0};
	int fd = -1;

	memset(&answer, 0, sizeof(answer));
	answer.number = ask->number;
	if (ask->op >= PACK_OP_COUNT)
		err_set(&err, ERR_PROTOCOL, "%s", err_default_text(ERR_PROTOCOL));
	else if (serve[ask->op](store, ask, &fd, &err) < 0)
		log_failure(&err);
	answer.code = (uint32_t)err.code;
	snprintf(answer.text, sizeof(answer.text), "%s", err.text);
	if (!ask->number)
		fd_close(fd);
	else if (channel_send(front, MSG_FRONT_PACK, &answer, &fd, fd >= 0) < 0)
		fatal("answer_lost", "number=%llu", (unsigned long long)answer.number);
}
