/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a snapshot, which nobody changes: read anew for each request that looks at them. */
#include "base/fd.h"
#include "door/documents.h"
#include "door/handlers.h"
#include "door/packs_read.h"
#include "door/session_api.h"
#include "door/session_archive.h"

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
	struct packs_read packs;
};

static void let_go(struct look *look)
{
	documents_end(&look->document);
	packs_read_end(&look->packs);
	free(look->list.env);
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

static void reply_list(struct look *look)
{
	struct exchange *exchange = look->exchange;
	struct json_writer w;
	struct buf answer;

	buf_init(&answer, LIST_BYTES_MAX);
	json_writer_init(&w, &answer);
	json_object_open(&w, NULL);
	session_put_files(&w, look->packs.tree, exchange->request->arena);
	json_object_close(&w);
	json_writer_finish(&w);
	let_go(look);
	reply_json(exchange, 200, &answer);
}

static void reply_archive(struct look *look)
{
	char name[KEY_ID_BYTES];
	const struct archive_source source = {.tree = look->packs.tree, .fds = look->packs.fds, .pack_count = look->list.pack_count,
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

	if (file_find(look->packs.tree, look->root, look->path, &found, &err) < 0) {
		fail(look, &err);
		return;
	}
	const struct pack_item item = *found; /* only its numbers count from here on */
	int fd = item.size ? fd_steal(&look->packs.fds[item.pack]) : -1;
	let_go(look);
	if (file_send(exchange, &item, fd, &err) < 0) {
		fd_close(fd);
		reply_error(exchange, &err);
	}
}

static void on_packs(struct packs_read *read)
{
	struct look *look = container_of(read, struct look, packs);
	struct err err = read->err;

	if (err.code == ERR_GONE)
		err_set(&err, ERR_GONE, "The snapshot is lost: its files are damaged or were not on the disk when the power went.");
	if (err.code)
		fail(look, &err);
	else
		look->answer(look);
}

static void on_document(struct document_wait *wait)
{
	struct look *look = container_of(wait, struct look, document);
	struct slice bytes = buf_slice(&wait->bytes);
	struct document document;
	struct err err;

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
		err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	else
		rc = packs_read_begin(&look->packs, look->exchange->door, &look->list, on_packs, &err);
	if (rc < 0)
		fail(look, &err);
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
	packs_read_init(&look->packs);
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
