/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that are put into sessions. They are read here into a list of changes like any other (session/untar.h): small ones
 * whole, of others the contents go into a new pack as they come (session_upload.c).
 */
#include <string.h>
#include <strings.h>

#include "door/handlers.h"
#include "door/session_archive.h"
#include "door/session_upload.h"
#include "session/untar.h"

/* --- what both have in common --- */

static void on_unpacked(struct session_call *call)
{
	const struct session *session = call->user.session;
	struct json_writer w;

	json_writer_init(&w, &call->answer);
	json_object_open(&w, NULL);
	json_put_u64(&w, "entries", call->change_count);
	json_put_u64(&w, "used_bytes", session->tree->bytes);
	json_put_u64(&w, "disk_bytes", session_disk_bytes(session));
	json_object_close(&w);
	json_writer_finish(&w);
	call_reply(call, 200, "application/json");
}

/* What tools send without being told a type is taken for what it must be. */
static bool is_archive(struct slice type)
{
	static const char *const types[] = {ARCHIVE_TYPE, "application/tar", "application/octet-stream"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (type.len == strlen(types[i]) && strncasecmp(type.data, types[i], type.len) == 0)
			return true;
	return type.len == 0;
}

static int read_request(struct session_call *call, struct err *err)
{
	const struct http_request *request = call->exchange->request;
	struct slice coding = http_request_header(request, "Content-Encoding");

	if (coding.len && !slice_equal(coding, SLICE_LITERAL("identity")))
		return err_set(err, ERR_UNSUPPORTED_MEDIA, "Send the archive without compression.");
	if (!is_archive(http_request_header(request, "Content-Type")))
		return err_set(err, ERR_UNSUPPORTED_MEDIA, "Send a tar archive as " ARCHIVE_TYPE ".");
	return archive_read_directory(call->exchange, &call->root, &call->path, err);
}

/* Its entries have all come: makes what they change a part of the session. */
static void write_entries(struct session_call *call, struct untar *untar)
{
	struct err err;

	if (untar_changes(untar, call->user.session->tree, &call->changes, &call->change_count, &err) < 0)
		call_fail(call, &err);
	else
		call_keep(call, on_unpacked);
}

/* --- whole --- */

static void on_session_to_fill(struct session_call *call)
{
	struct untar untar;
	struct err err;

	untar_init(&untar, call->exchange->request->arena, call->root, call->path);
	if (untar_all(&untar, call->exchange->request->body, &err) < 0)
		call_fail(call, &err);
	else
		write_entries(call, &untar);
	untar_finish(&untar);
}

void handle_session_files_put(struct exchange *exchange)
{
	struct session_call *call = call_begin(exchange, on_session_to_fill);
	struct err err;

	if (!call)
		return;
	if (read_request(call, &err) < 0)
		call_fail(call, &err);
	else
		call_enter(call, exchange_param(exchange, 0), SESSION_CHANGE);
}

/* --- in pieces --- */

struct upload_archive {
	struct tar_reader reader;
	struct untar untar;
	uint64_t left;              /* of the content that is coming */
};

static int read_archive(struct session_upload *upload, struct err *err)
{
	struct session_call *call = upload->call;
	struct arena *arena = call->exchange->request->arena;
	int rc = read_request(call, err);

	if (rc < 0)
		return rc;
	upload->archive = arena_new(arena, struct upload_archive);
	if (!upload->archive)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	tar_reader_init(&upload->archive->reader);
	untar_init(&upload->archive->untar, arena, call->root, call->path);
	return 0;
}

static void end_archive(struct session_upload *upload)
{
	if (!upload->archive)
		return;
	tar_reader_finish(&upload->archive->reader);
	untar_finish(&upload->archive->untar);
}

/* Its content is to follow, and goes where the pack ends now. Names are kept here until all has come. */
static int take_entry(struct session_upload *upload, const struct tar_entry *entry, struct err *err)
{
	struct upload_archive *archive = upload->archive;
	size_t bytes = sizeof(struct session_change) * 3 + entry->name.len + entry->target.len;

	if (!http_keep_bytes(upload->call->exchange->request, bytes))
		return err_set(err, ERR_UNAVAILABLE, "Too many bytes are on their way to this server; send the request again.");
	int rc = untar_add(&archive->untar, entry, err);
	if (rc < 0 || entry->size == 0)
		return rc;
	struct session_change *change = untar_last(&archive->untar);
	change->data = NULL;
	change->item.pack = PACK_THIS;
	change->item.offset = upload->packer.at;
	archive->left = entry->size;
	check_init(&upload->check);
	return 0;
}

static int take_content(struct session_upload *upload, struct slice data, struct err *err)
{
	struct upload_archive *archive = upload->archive;
	int rc = upload_add(upload, data, err);

	archive->left -= data.len;
	if (rc == 0 && archive->left == 0)
		untar_last(&archive->untar)->item.check = check_end(&upload->check);
	return rc;
}

static int take_archive(struct session_upload *upload, struct slice data, struct err *err)
{
	struct tar_piece piece;
	int event, rc = 0;

	while (rc == 0 && (event = tar_read(&upload->archive->reader, &data, &piece, err)) != TAR_MORE) {
		if (event == TAR_ENTRY)
			rc = take_entry(upload, &piece.entry, err);
		else
			rc = event == TAR_DATA ? take_content(upload, piece.data, err) : event;
	}
	return rc;
}

static int check_archive(struct session_upload *upload, struct err *err)
{
	return tar_is_whole(&upload->archive->reader) ? 0 : untar_say_cut(err);
}

static void write_archive(struct session_call *call)
{
	write_entries(call, &call->upload->archive->untar);
}

static const struct upload_kind archive_kind = {.read = read_archive, .take = take_archive, .check = check_archive,
						 .write = write_archive, .end = end_archive};

void session_archive_take(struct exchange *exchange)
{
	upload_take(exchange, &archive_kind);
}
