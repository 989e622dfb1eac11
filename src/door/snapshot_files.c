/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a snapshot, which nobody changes: read anew for each request that looks at them. */
#include <string.h>

#include "base/fd.h"
#include "door/documents.h"
#include "door/handlers.h"
#include "door/packs.h"
#include "door/session_api.h"
#include "door/session_archive.h"
#include "session/index.h"

#define LIST_BYTES_MAX (64 * MIB)

/* One request; in its arena. */
struct look {
	struct exchange *exchange;
	void (*answer)(struct look *look); /* when the tree is there */
	unsigned root;             /* of one file: its path */
	struct slice path;
	struct document_wait document;
	struct session_facts facts; /* leads into the document */
	struct session_list list;  /* its env is owned */
	struct pack_wait packs[PACKS_MAX];
	unsigned packs_left;
	int fds[PACKS_MAX];        /* those of packs */
	struct session_tree *tree; /* owned */
	struct err err;            /* code != 0: of the packs that have been answered */
};

static void let_go(struct look *look)
{
	documents_end(&look->document);
	for (unsigned i = 0; i < PACKS_MAX; i++)
		packs_end(&look->packs[i]);
	free(look->list.env);
	tree_unref(look->tree);
	look->exchange->request->on_gone = NULL;
}

static void on_gone(struct http_request *request)
{
	let_go(request->owner);
}

static void fail(struct look *look, const struct err *err)
{
	const struct err copy = *err;
	struct exchange *exchange = look->exchange;

	let_go(look);
	reply_error(exchange, &copy);
}

static void fail_code(struct look *look, int rc)
{
	struct err err;

	err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	fail(look, &err);
}

static void reply_list(struct look *look)
{
	struct exchange *exchange = look->exchange;
	struct json_writer w;
	struct buf answer;

	buf_init(&answer, LIST_BYTES_MAX);
	json_writer_init(&w, &answer);
	json_object_open(&w, NULL);
	session_put_files(&w, look->tree, exchange->request->arena);
	json_object_close(&w);
	json_writer_finish(&w);
	let_go(look);
	reply_json(exchange, 200, &answer);
}

static void reply_archive(struct look *look)
{
	char name[KEY_ID_BYTES];
	const struct archive_source source = {.tree = look->tree, .fds = look->fds, .pack_count = look->list.pack_count,
					      .created_ms = look->facts.created_ms, .name = name};
	struct err err;

	document_id_copy(name, exchange_param(look->exchange, 0));
	struct archive *archive = archive_create(look->exchange, &source, &err);
	if (!archive) {
		fail(look, &err);
		return;
	}
	let_go(look);
	archive_send(archive);
}

static void reply_file(struct look *look)
{
	struct exchange *exchange = look->exchange;
	const struct pack_item *found;
	struct err err;

	if (file_find(look->tree, look->root, look->path, &found, &err) < 0) {
		fail(look, &err);
		return;
	}
	const struct pack_item item = *found; /* only its numbers count from here on */
	int fd = item.size ? fd_steal(&look->packs[item.pack].fd) : -1;
	let_go(look);
	if (file_send(exchange, &item, fd, &err) < 0) {
		fd_close(fd);
		reply_error(exchange, &err);
	}
}

static void all_are_there(struct look *look)
{
	unsigned count = look->list.pack_count;
	uint64_t sizes[PACKS_MAX];
	int rc = -look->err.code;

	for (unsigned i = 0; i < count; i++) {
		sizes[i] = look->list.packs[i].bytes;
		look->fds[i] = look->packs[i].fd;
	}
	if (rc == 0 && count)
		rc = index_read(&look->tree, look->fds[count - 1], sizes, count);
	else if (rc == 0)
		rc = (look->tree = tree_create()) ? 0 : -ERR_NO_MEMORY;
	if (rc == -ERR_NOT_FOUND || rc == -ERR_PROTOCOL)
		err_set(&look->err, ERR_GONE, "The snapshot is lost: its files are damaged or were not on the disk when the power went.");
	if (look->err.code)
		fail(look, &look->err);
	else if (rc < 0)
		fail_code(look, rc);
	else
		look->answer(look);
}

static void on_pack(struct pack_wait *wait)
{
	struct look *look = wait->owner;

	if (wait->code && !look->err.code)
		look->err = wait->err;
	if (--look->packs_left == 0)
		all_are_there(look);
}

static void open_packs(struct look *look)
{
	struct err err;

	for (unsigned i = 0; i < look->list.pack_count; i++) {
		const struct pack_ref *ref = &look->list.packs[i];
		struct msg_pack_ask ask;
		memset(&ask, 0, sizeof(ask));
		ask.op = PACK_OPEN;
		ask.bytes = ref->bytes;
		memcpy(ask.hash, ref->hash, sizeof(ask.hash));
		look->packs[i].fn = on_pack;
		look->packs[i].owner = look;
		if (packs_ask(&look->packs[i], look->exchange->door, &ask, &err) < 0) {
			fail(look, &err);
			return;
		}
		look->packs_left++;
	}
	if (look->list.pack_count == 0)
		all_are_there(look);
}

static void on_document(struct document_wait *wait)
{
	struct look *look = container_of(wait, struct look, document);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;

	if (wait->code) {
		fail(look, &wait->err);
		return;
	}
	int rc = document_next(&bytes, &document) > 0 ? 0 : -ERR_STORE;
	if (rc == 0)
		rc = session_facts_read(&look->facts, document.head);
	if (rc == 0)
		rc = list_read(&look->list, document.body);
	if (rc < 0)
		fail_code(look, rc);
	else
		open_packs(look);
}

static int read_what(struct look *look, bool one, struct err *err)
{
	if (one) {
		look->answer = reply_file;
		return file_read_path(look->exchange, &look->root, &look->path, err);
	}
	int archive = archive_wanted(look->exchange, err);
	look->answer = archive > 0 ? reply_archive : reply_list;
	return archive < 0 ? archive : 0;
}

static int ask(struct look *look, struct err *err)
{
	struct exchange *exchange = look->exchange;
	struct msg_document_ask ask = {.op = DOCUMENT_GET, .kind = DOCUMENT_SNAPSHOT};

	look->document.fn = on_document;
	if (!document_id_copy(ask.id, exchange_param(exchange, 0)))
		return err_set(err, ERR_NOT_FOUND, "There is no snapshot of that id.");
	return documents_ask(&look->document, exchange->door, exchange->key, &ask, (struct slice){0}, err);
}

static void begin(struct exchange *exchange, bool one)
{
	struct look *look = arena_new(exchange->request->arena, struct look);
	struct err err;

	if (!look) {
		err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
		reply_error(exchange, &err);
		return;
	}
	look->exchange = exchange;
	for (unsigned i = 0; i < PACKS_MAX; i++)
		look->packs[i].fd = -1;
	exchange->request->owner = look;
	exchange->request->on_gone = on_gone;
	if (read_what(look, one, &err) < 0 || ask(look, &err) < 0)
		fail(look, &err);
}

void handle_snapshot_files(struct exchange *exchange)
{
	begin(exchange, false);
}

void handle_snapshot_file_get(struct exchange *exchange)
{
	begin(exchange, true);
}
