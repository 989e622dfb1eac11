/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives of files are made as they leave, of a tree and packs that nobody changes any more. Their length is known before:
 * who gets less has not got all.
 */
#include "door/session_archive.h"

#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "door/headers.h"
#include "session/tar.h"

#define ARCHIVES_MAX 256	/* each has some buffers here, and up to PACKS_MAX descriptors */
#define PIECE_BYTES  (256 * KIB)
#define HEADS_BYTES  (16 * KIB) /* of one entry, at most */
#define NAME_BYTES   (PACK_PATH_BYTES + 2)

/* --- which files --- */

int archive_read_directory(const struct exchange *exchange, unsigned *ret_root, struct slice *ret_path, struct err *err)
{
	struct slice path = exchange_query(exchange, "path");

	*ret_root = PACK_WORK;
	*ret_path = (struct slice){0};
	while (path.len && path.data[path.len - 1] == '/')
		path.len--;
	if (!path.len)
		return 0;
	if (path.data[0] == '~' && (path.len == 1 || path.data[1] == '/')) {
		size_t cut = MIN_OF(path.len, 2u);
		*ret_root = PACK_HOME;
		path = (struct slice){path.data + cut, path.len - cut};
	}
	*ret_path = path;
	if (path.len == 0 || tree_path_is_good(path))
		return 0;
	return err_field(err, ERR_INVALID_FIELD, "path",
			 "The path is relative, of at most 1024 bytes, and of parts of 1 to 255 bytes that are not '.' or '..'.");
}

int archive_wanted(const struct exchange *exchange, struct err *err)
{
	struct slice format = exchange_query(exchange, "format");

	if (slice_equal(format, SLICE_LITERAL("tar")))
		return 1;
	if (slice_equal(format, SLICE_LITERAL("json")))
		return 0;
	if (format.data)
		return err_field(err, ERR_INVALID_FIELD, "format", "'format' is tar or json.");
	return header_list_has(http_request_header(exchange->request, "Accept"), SLICE_LITERAL(ARCHIVE_TYPE));
}

/* --- sending --- */

/* An archive on its way: it holds on to tree and packs, so that the session can go on meanwhile. */
struct archive {
	struct exchange *exchange;
	struct session_tree *tree;  /* a reference */
	int fds[PACKS_MAX];         /* owned; -1: none */
	int64_t time_ns;            /* of what has none */
	bool all;                   /* both roots; names of the home begin with "~/" */
	size_t cut;                 /* so much of each path is the directory's name and a slash */
	size_t next, end;           /* of the tree's items */
	const struct pack_item *item; /* whose content is being sent; NULL: none */
	uint64_t done;              /* so much of it */
	uint64_t bytes;             /* of all */
	const char *disposition;    /* Content-Disposition */
	struct buf piece;           /* owned */
};

static void archive_close(struct archive *archive)
{
	for (unsigned i = 0; i < PACKS_MAX; i++)
		archive->fds[i] = fd_close(archive->fds[i]);
	tree_unref(archive->tree);
	archive->tree = NULL;
	buf_finish(&archive->piece);
	archive->exchange->door->archives--;
}

static struct tar_entry entry_of(const struct archive *archive, const struct pack_item *item, char name[static NAME_BYTES])
{
	size_t begin = archive->all && item->root == PACK_HOME ? 2 : 0, len = item->path.len - archive->cut;

	memcpy(name, "~/", 2);
	memcpy(name + begin, item->path.data + archive->cut, len);
	return (struct tar_entry){
	    .name = {name, begin + len}, .target = item->target, .size = item->size,
	    .mode = item->type == PACK_LINK ? 0777 : item->mode,
	    .mtime_ns = item->type == PACK_FILE ? item->mtime_ns : archive->time_ns, .type = (enum pack_type)item->type};
}

static int put_zeros(struct buf *out, size_t len)
{
	char *at = buf_reserve(out, len);

	if (!at)
		return -ERR_NO_MEMORY;
	memset(at, 0, len);
	out->len += len;
	return 0;
}

static int put_content(struct archive *archive)
{
	const struct pack_item *item = archive->item;
	size_t len = (size_t)MIN_OF(item->size - archive->done, PIECE_BYTES - archive->piece.len);
	char *at = buf_reserve(&archive->piece, len);

	if (!at)
		return -ERR_NO_MEMORY;
	ssize_t n = len ? pread(archive->fds[item->pack], at, len, (off_t)(item->offset + archive->done)) : 0;
	if (n < (ssize_t)len)
		return -ERR_IO;
	archive->piece.len += len;
	archive->done += len;
	if (archive->done < item->size)
		return 0;
	archive->item = NULL;
	return put_zeros(&archive->piece, tar_padding(item->size));
}

/* 0 with the next piece, empty at the end; what cannot be read is missing at the client, which sees that by the length. */
static int make_piece(struct archive *archive)
{
	char name[NAME_BYTES];
	struct tar_entry entry;
	int rc = 0;

	buf_clear(&archive->piece);
	while (rc == 0 && archive->piece.len < PIECE_BYTES && (archive->item || archive->next <= archive->end)) {
		if (archive->item) {
			rc = put_content(archive);
		} else if (archive->next++ == archive->end) {
			rc = put_zeros(&archive->piece, TAR_END_BYTES);
		} else {
			archive->item = &archive->tree->items[archive->next - 1];
			archive->done = 0;
			entry = entry_of(archive, archive->item, name);
			rc = tar_write(&archive->piece, &entry);
		}
	}
	return rc;
}

static void send_more(struct archive *archive)
{
	struct http_request *request = archive->exchange->request;

	while (!http_stream_is_full(request)) {
		if (make_piece(archive) < 0 || archive->piece.len == 0) {
			archive_close(archive);
			http_stream_end(request);
			return;
		}
		http_stream_write(request, buf_slice(&archive->piece));
	}
}

static void on_drained(struct http_request *request)
{
	send_more(request->owner);
}

static void on_gone(struct http_request *request)
{
	archive_close(request->owner);
}

static uint64_t measure(const struct archive *archive)
{
	char name[NAME_BYTES];
	uint64_t bytes = TAR_END_BYTES;

	for (size_t i = archive->next; i < archive->end; i++) {
		const struct tar_entry entry = entry_of(archive, &archive->tree->items[i], name);
		bytes += tar_head_bytes(&entry) + entry.size + tar_padding(entry.size);
	}
	return bytes;
}

static int not_a_directory(const struct session_tree *tree, unsigned root, struct slice path, struct err *err)
{
	const struct pack_item *item = tree_find(tree, root, path);
	int rc = item ? 0 : tree_may_put(tree, root, path, PACK_DIRECTORY, err);

	if (rc < 0 || (item && item->type == PACK_DIRECTORY))
		return rc;
	return item ? err_set(err, ERR_CONFLICT, "That is a %s and no directory.", item->type == PACK_LINK ? "link" : "file")
		    : err_set(err, ERR_NOT_FOUND, "There is no such directory.");
}

/* What is below a directory lies together. */
static int choose(struct archive *archive, struct err *err)
{
	const struct session_tree *tree = archive->tree;
	struct slice path, below;
	unsigned root;
	int rc = archive_read_directory(archive->exchange, &root, &path, err);

	archive->end = tree->count;
	archive->all = !path.data;
	if (rc < 0 || archive->all)
		return rc;
	if (path.len && (rc = not_a_directory(tree, root, path, err)) < 0)
		return rc;
	archive->cut = path.len + (path.len > 0);
	below.data = arena_printf(archive->exchange->request->arena, "%.*s/", (int)path.len, path.data);
	below.len = archive->cut;
	if (!below.data)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	archive->next = archive->end = tree_place(tree, root, below);
	while (archive->end < tree->count && tree->items[archive->end].root == root &&
	       (!path.len || pack_is_below(tree->items[archive->end].path, path)))
		archive->end++;
	return 0;
}

static int archive_open(struct archive *archive, const struct archive_source *source, struct err *err)
{
	int rc = choose(archive, err);

	for (unsigned i = 0; rc == 0 && i < source->pack_count; i++)
		if ((archive->fds[i] = dup(source->fds[i])) < 0)
			rc = err_set(err, ERR_IO, "%s", err_default_text(ERR_IO));
	if (rc == 0)
		archive->bytes = measure(archive);
	return rc;
}

struct archive *archive_create(struct exchange *exchange, const struct archive_source *source, struct err *err)
{
	struct arena *arena = exchange->request->arena;
	struct archive *archive = arena_new(arena, struct archive);

	if (!archive || exchange->door->archives >= ARCHIVES_MAX) {
		err_set(err, archive ? ERR_QUEUE_FULL : ERR_NO_MEMORY, "%s",
			archive ? "Too many archives are on their way; send the request again." : err_default_text(ERR_NO_MEMORY));
		return NULL;
	}
	exchange->door->archives++;
	*archive = (struct archive){.exchange = exchange, .tree = tree_ref(source->tree),
				    .time_ns = (int64_t)source->created_ms * (int64_t)NS_PER_MS,
				    .disposition = arena_printf(arena, "attachment; filename=\"%s.tar\"", source->name)};
	memset(archive->fds, -1, sizeof(archive->fds));
	buf_init(&archive->piece, PIECE_BYTES + HEADS_BYTES);
	if (archive_open(archive, source, err) == 0)
		return archive;
	archive_close(archive);
	return NULL;
}

void archive_send(struct archive *archive)
{
	struct exchange *exchange = archive->exchange;
	struct http_request *request = exchange->request;
	struct header_list list = {.arena = request->arena};
	struct err err;

	header_add(&list, "Content-Disposition", archive->disposition);
	header_add(&list, "X-Content-Type-Options", "nosniff");
	request->owner = archive;
	request->on_gone = on_gone;
	request->on_drained = on_drained;
	if (request->method == HTTP_HEAD)
		archive->next = archive->end + 1;
	int rc = reply_sized(exchange, &(struct reply_sized){
					   .status = 200, .content_type = ARCHIVE_TYPE, .size = archive->bytes, .headers = &list});
	if (rc == 0) {
		send_more(archive);
		return;
	}
	archive_close(archive);
	err_set(&err, (enum err_code)-rc, "%s", err_default_text(rc));
	reply_error(exchange, &err);
}
