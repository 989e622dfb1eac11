/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a session over HTTP. Everything is done on its tree and its packs: no path of a caller's is ever given
 * to the kernel. Paths are relative to the working directory; those that begin with "~/" to the home.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "door/handlers.h"
#include "door/headers.h"
#include "door/session_api.h"
#include "door/session_archive.h"

#define PIECE_BYTES (256 * KIB)

/* --- paths --- */

int file_read_path(const struct exchange *exchange, unsigned *ret_root, struct slice *ret_path, struct err *err)
{
	struct slice path = exchange_param(exchange, 1);

	*ret_root = PACK_WORK;
	if (path.len >= 2 && memcmp(path.data, "~/", 2) == 0) {
		*ret_root = PACK_HOME;
		path = (struct slice){path.data + 2, path.len - 2};
	}
	*ret_path = path;
	if (tree_path_is_good(path))
		return 0;
	return err_field(err, ERR_INVALID_FIELD, "path",
			 "The path is relative, of at most 1024 bytes, and of parts of 1 to 255 bytes that are not '.' or '..'.");
}

int call_read_path(struct session_call *call, struct err *err)
{
	return file_read_path(call->exchange, &call->root, &call->path, err);
}

static void enter(struct exchange *exchange, void (*fn)(struct session_call *call), enum session_use use)
{
	struct session_call *call = call_begin(exchange, fn);
	struct err err;

	if (call && call_read_path(call, &err) < 0)
		call_fail(call, &err);
	else if (call)
		call_enter(call, exchange_param(exchange, 0), use);
}

/* Each byte that is not unreserved (RFC 3986, 2.3) or a slash, so that any name comes back as it is. */
static void put_url(struct json_writer *w, const struct pack_item *item)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[3 * PACK_PATH_BYTES + 3];
	size_t len = 0;

	if (item->root == PACK_HOME) {
		memcpy(text, "~/", 2);
		len = 2;
	}
	for (size_t i = 0; i < item->path.len; i++) {
		unsigned char c = (unsigned char)item->path.data[i], lower = c | 0x20;
		if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~/", c))) {
			text[len++] = (char)c;
		} else {
			text[len++] = '%';
			text[len++] = digits[c >> 4];
			text[len++] = digits[c & 15];
		}
	}
	json_put_bytes(w, "url_path", (struct slice){text, len});
}

static void put_name(struct json_writer *w, const struct pack_item *item)
{
	char text[PACK_PATH_BYTES + 2];
	size_t at = item->root == PACK_HOME ? 2 : 0;

	memcpy(text, "~/", 2);
	memcpy(text + at, item->path.data, item->path.len);
	json_put_bytes(w, "path", (struct slice){text, at + item->path.len});
}

static const char *etag_of(const struct pack_item *item, struct arena *arena)
{
	return arena_printf(arena, "\"%016llx-%llx\"", (unsigned long long)item->check, (unsigned long long)item->size);
}

static void put_item(struct json_writer *w, const struct pack_item *item, struct arena *arena)
{
	static const char *const types[] = {"file", "directory", "link", "gone"};
	char mode[8];

	json_object_open(w, NULL);
	put_name(w, item);
	put_url(w, item);
	json_put_text(w, "type", types[item->type]);
	if (item->type == PACK_FILE) {
		json_put_u64(w, "size_bytes", item->size);
		json_put_instant(w, "modified_at", item->mtime_ns < 0 ? 0 : (uint64_t)item->mtime_ns / NS_PER_MS, "Z");
		json_put_text(w, "etag", etag_of(item, arena));
	}
	if (item->type == PACK_LINK) {
		json_put_bytes(w, "target", item->target);
	} else {
		snprintf(mode, sizeof(mode), "%04o", item->mode);
		json_put_text(w, "mode", mode);
	}
	json_object_close(w);
}

/* --- the list --- */

void session_put_files(struct json_writer *w, const struct session_tree *tree, struct arena *arena)
{
	json_array_open(w, "files");
	for (size_t i = 0; i < tree->count; i++)
		put_item(w, &tree->items[i], arena);
	json_array_close(w);
	json_put_u64(w, "used_bytes", tree->bytes);
}

static void reply_list(struct session_call *call)
{
	const struct session *session = call->user.session;
	struct json_writer w;

	json_writer_init(&w, &call->answer);
	json_object_open(&w, NULL);
	session_put_files(&w, session->tree, call->exchange->request->arena);
	json_put_u64(&w, "disk_bytes", session_disk_bytes(session));
	json_object_close(&w);
	json_writer_finish(&w);
	call_reply(call, 200, "application/json");
}

static void on_session_to_pack(struct session_call *call)
{
	const struct session *session = call->user.session;
	const struct archive_source source = {
	    .tree = session->tree, .fds = session->fds, .pack_count = session->list.pack_count,
	    .created_ms = session->facts.created_ms, .name = session->name};
	struct err err;
	struct archive *archive = archive_create(call->exchange, &source, &err);

	if (!archive) {
		call_fail(call, &err);
		return;
	}
	call_end(call);
	archive_send(archive);
}

static void on_session_to_list(struct session_call *call)
{
	struct err err;
	int archive = archive_wanted(call->exchange, &err);

	if (archive < 0)
		call_fail(call, &err);
	else if (archive)
		on_session_to_pack(call);
	else
		reply_list(call);
}

void handle_session_files(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_list);

	if (call)
		call_enter(call, exchange_param(exchange, 0), SESSION_LOOK);
}

/* --- reading one --- */

/* A file on its way to a client: it holds on to the pack, so that the session can go on meanwhile. */
struct download {
	struct exchange *exchange;
	int fd;                     /* owned */
	uint64_t at, left;
	char *piece;                /* in the arena */
};

/* What is left of a pack that cannot be read is missing at the client, which sees that by the length. */
static void send_more(struct download *download)
{
	struct http_request *request = download->exchange->request;

	while (download->left && !http_stream_is_full(request)) {
		size_t len = (size_t)MIN_OF(download->left, PIECE_BYTES);
		ssize_t n = pread(download->fd, download->piece, len, (off_t)download->at);
		if (n <= 0)
			break;
		http_stream_write(request, (struct slice){download->piece, (size_t)n});
		download->at += (uint64_t)n;
		download->left -= (uint64_t)n;
		if (n < (ssize_t)len)
			break;
	}
	if (download->left && http_stream_is_full(request))
		return;
	fd_close(download->fd);
	http_stream_end(request);
}

static void on_drained(struct http_request *request)
{
	send_more(request->owner);
}

static void on_reader_gone(struct http_request *request)
{
	struct download *download = request->owner;

	fd_close(download->fd);
}

static bool read_number(const char **at, const char *end, uint64_t *ret_number)
{
	const char *begin = *at;
	uint64_t number = 0;

	for (; *at < end && **at >= '0' && **at <= '9' && *at - begin < 18; ++*at)
		number = number * 10 + (uint64_t)(**at - '0');
	*ret_number = number;
	return *at > begin;
}

enum range { RANGE_NONE, RANGE_ONE, RANGE_BAD };

/* One range (RFC 9110, 14.1.2); several, or anything else, are answered with all of it, as 14.2 allows. */
static enum range read_range(struct slice header, uint64_t size, uint64_t *ret_first, uint64_t *ret_count)
{
	static const struct slice unit = SLICE_LITERAL("bytes=");
	const char *at = header.data + unit.len, *end = header.data + header.len;
	uint64_t first = 0, last = 0;

	if (header.len <= unit.len || memcmp(header.data, unit.data, unit.len) != 0)
		return RANGE_NONE;
	bool has_first = read_number(&at, end, &first);
	if (at == end || *at++ != '-')
		return RANGE_NONE;
	bool has_last = read_number(&at, end, &last);
	if (at != end || (!has_first && !has_last) || (has_first && has_last && last < first))
		return RANGE_NONE;
	if (!has_first) { /* the last so many */
		first = size - MIN_OF(last, size);
		last = size;
	}
	if (first >= size)
		return RANGE_BAD;
	*ret_first = first;
	*ret_count = (has_first && has_last ? MIN_OF(last, size - 1) : size - 1) - first + 1;
	return RANGE_ONE;
}

static void add_date(struct header_list *list, const struct pack_item *item)
{
	time_t seconds = item->mtime_ns < 0 ? 0 : (time_t)(item->mtime_ns / (int64_t)NS_PER_SEC);
	char text[40];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	header_add(list, "Last-Modified", arena_copy(list->arena, text, strlen(text)));
}

static bool holds(struct slice header, const char *etag)
{
	return header.len && (slice_equal(header, SLICE_LITERAL("*")) || memmem(header.data, header.len, etag, strlen(etag)));
}

static struct slice range_wanted(const struct exchange *exchange, const char *etag)
{
	struct slice condition = http_request_header(exchange->request, "If-Range");

	/* RFC 9110, 13.1.5: without that very content all of it */
	if (condition.len && !slice_equal(condition, slice_from(etag)))
		return (struct slice){0};
	return http_request_header(exchange->request, "Range");
}

int file_send(struct exchange *exchange, const struct pack_item *item, int fd, struct err *err)
{
	struct arena *arena = exchange->request->arena;
	struct download *download = arena_new(arena, struct download);
	struct header_list list = {.arena = arena};
	const char *etag = etag_of(item, arena);
	uint64_t first = 0, count = item->size;
	enum range range = read_range(range_wanted(exchange, etag), item->size, &first, &count);
	bool same = holds(http_request_header(exchange->request, "If-None-Match"), etag);
	struct reply_sized sized = {.status = same ? 304 : range == RANGE_ONE ? 206 : 200,
				    .content_type = "application/octet-stream", .size = count, .headers = &list};

	if (!download || !(download->piece = arena_alloc(arena, PIECE_BYTES)))
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (range == RANGE_BAD)
		return err_limit(err, ERR_RANGE, "Range", item->size, "The file has %llu bytes.", (unsigned long long)item->size);
	header_add(&list, "ETag", etag);
	header_add(&list, "Accept-Ranges", "bytes");
	header_add(&list, "X-Content-Type-Options", "nosniff");
	add_date(&list, item);
	if (range == RANGE_ONE)
		header_add(&list, "Content-Range", arena_printf(arena, "bytes %llu-%llu/%llu", (unsigned long long)first,
							       (unsigned long long)(first + count - 1), (unsigned long long)item->size));
	bool no_body = same || exchange->request->method == HTTP_HEAD;
	*download = (struct download){.exchange = exchange, .fd = no_body ? -1 : fd, .at = item->offset + first,
				      .left = no_body ? 0 : count, .piece = download->piece};
	if (reply_sized(exchange, &sized) < 0)
		return err_set(err, ERR_INTERNAL, "%s", err_default_text(ERR_INTERNAL));
	if (no_body)
		fd_close(fd);
	exchange->request->owner = download;
	exchange->request->on_gone = on_reader_gone;
	exchange->request->on_drained = on_drained;
	send_more(download);
	return 0;
}

int file_find(const struct session_tree *tree, unsigned root, struct slice path, const struct pack_item **ret_item, struct err *err)
{
	const struct pack_item *item = tree_find(tree, root, path);
	int rc = item ? 0 : tree_may_put(tree, root, path, PACK_FILE, err);

	if (rc == 0 && !item)
		rc = err_set(err, ERR_NOT_FOUND, "There is no such file.");
	if (rc == 0 && item->type != PACK_FILE)
		rc = err_set(err, ERR_CONFLICT, "That is a %s.", item->type == PACK_LINK ? "link, and none is followed" : "directory");
	*ret_item = item;
	return rc;
}

static void on_session_to_read(struct session_call *call)
{
	struct exchange *exchange = call->exchange;
	const struct pack_item *found;
	struct pack_item item;
	struct err err;
	int fd = -1;

	if (file_find(call->user.session->tree, call->root, call->path, &found, &err) < 0) {
		call_fail(call, &err);
		return;
	}
	item = *found; /* only its numbers count from here on */
	if (item.size && (fd = dup(call->user.session->fds[item.pack])) < 0) {
		err_set(&err, ERR_IO, "%s", err_default_text(ERR_IO));
		call_fail(call, &err);
		return;
	}
	call_end(call);
	if (file_send(exchange, &item, fd, &err) < 0) {
		fd_close(fd);
		reply_error(exchange, &err);
	}
}

void handle_session_file_get(struct exchange *exchange)
{
	enter(exchange, on_session_to_read, SESSION_LOOK);
}

/* --- writing and removing one --- */

static void reply_item(struct session_call *call, int status)
{
	const struct pack_item *item = tree_find(call->user.session->tree, call->root, call->path);
	struct json_writer w;

	json_writer_init(&w, &call->answer);
	if (item)
		put_item(&w, item, call->exchange->request->arena);
	json_writer_finish(&w);
	call_reply(call, status, "application/json");
}

static void on_written(struct session_call *call)
{
	reply_item(call, 200);
}

static void on_made(struct session_call *call)
{
	reply_item(call, 201);
}

int call_read_mode(const struct session_call *call, uint32_t preset, uint32_t *ret_mode, struct err *err)
{
	struct slice text = api_query_value(call->exchange->api.query, "mode");
	uint32_t mode = 0;

	*ret_mode = preset;
	if (!text.data)
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '7' || text.len > 4)
			return err_field(err, ERR_INVALID_FIELD, "mode", "'mode' is octal, from 0 to 777.");
		mode = mode * 8 + (uint32_t)(text.data[i] - '0');
	}
	if (mode & ~PACK_MODE_MASK || text.len == 0)
		return err_field(err, ERR_INVALID_FIELD, "mode", "'mode' is octal, from 0 to 777.");
	*ret_mode = mode;
	return 0;
}

void call_write(struct session_call *call, const struct session_change *change)
{
	const struct session_tree *tree = call->user.session->tree;
	bool there = tree_find(tree, call->root, call->path);
	struct err err;
	int rc = 0;

	if (!call_change(call, PACK_PATH_BYTES))
		rc = err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (rc == 0)
		rc = call_put(call, tree, change, &err);
	if (rc < 0)
		call_fail(call, &err);
	else
		call_keep(call, there ? on_written : on_made);
}

static void on_session_to_write(struct session_call *call)
{
	const struct exchange *exchange = call->exchange;
	struct slice body = exchange->request->body;
	bool directory = slice_equal(api_query_value(exchange->api.query, "type"), SLICE_LITERAL("directory"));
	struct session_change change = {.item = {.path = call->path, .root = (uint8_t)call->root, .type = PACK_DIRECTORY}};
	struct err err;

	int rc = call_read_mode(call, directory ? 0755 : 0644, &change.item.mode, &err);
	if (!directory) {
		change.item.type = PACK_FILE;
		change.item.size = body.len;
		change.item.mtime_ns = (int64_t)clock_wall_ms() * (int64_t)NS_PER_MS;
		change.data = body.len ? body.data : "";
	} else if (rc == 0 && body.len) {
		rc = err_set(&err, ERR_BAD_REQUEST, "A directory has no content.");
	}
	if (rc < 0)
		call_fail(call, &err);
	else
		call_write(call, &change);
}

void handle_session_file_put(struct exchange *exchange)
{
	enter(exchange, on_session_to_write, SESSION_CHANGE);
}

static void on_removed(struct session_call *call)
{
	call_reply(call, 204, NULL);
}

/* With all that is below it. */
static void on_session_to_remove(struct session_call *call)
{
	const struct session_tree *tree = call->user.session->tree;
	struct session_change *change = call_change(call, 1);
	struct err err;

	int rc = change ? 0 : err_set(&err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (rc == 0 && !tree_find(tree, call->root, call->path)) {
		rc = tree_may_put(tree, call->root, call->path, PACK_FILE, &err);
		if (rc == 0)
			rc = err_set(&err, ERR_NOT_FOUND, "There is no such file in the session.");
	}
	if (rc < 0) {
		call_fail(call, &err);
		return;
	}
	*change = (struct session_change){.item = {.path = call->path, .root = (uint8_t)call->root, .type = PACK_GONE}};
	call->change_count = 1;
	call_keep(call, on_removed);
}

void handle_session_file_delete(struct exchange *exchange)
{
	enter(exchange, on_session_to_remove, SESSION_CHANGE);
}
