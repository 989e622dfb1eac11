/* SPDX-License-Identifier: Apache-2.0 */
/* The native dialect: what runs. code, files and entrypoint, and content that is not text. */
#include <inttypes.h>

#include "api/native.h"

int native_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

int native_check_bytes(size_t len, uint64_t most, const char *path, struct err *err)
{
	if (len <= most)
		return 0;
	return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
			 "'%s' has %zu bytes; at most %" PRIu64 " are allowed.", path, len, most);
}

/* --- content: text or base64 --- */

enum content_encoding { CONTENT_UTF8, CONTENT_BASE64 };

static const char *const content_encodings[] = {
    [CONTENT_UTF8] = "utf8", [CONTENT_BASE64] = "base64"};

/* {name?, content, encoding?}: a file, or (without the name) the content of one, or stdin. */
struct content {
	struct slice name, text;
	unsigned encoding;
};

static int read_name(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct content *content = ctx;
	int rc = json_get_text(value, path, &content->name, err);

	return rc < 0 ? rc : file_name_check(content->name, path, err);
}

static int read_content(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_text(value, path, &((struct content *)ctx)->text, err);
}

static int read_encoding(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_choice(value, path, content_encodings, ARRAY_LEN(content_encodings),
			       &((struct content *)ctx)->encoding, err);
}

static const struct json_field file_fields[] = {
    {"name", true, read_name},
    {"content", true, read_content},
    {"encoding", false, read_encoding},
};

static const struct json_field content_fields[] = {
    {"content", true, read_content},
    {"encoding", false, read_encoding},
};

/* The bytes that content stands for. */
static int decode_content(const struct content *content, const char *path, struct arena *arena,
			  struct slice *ret_data, struct err *err)
{
	char text_path[JSON_PATH_BYTES];

	if (content->encoding == CONTENT_UTF8) {
		*ret_data = content->text;
		return 0;
	}
	json_path_key(text_path, path, SLICE_LITERAL("content"));
	return json_base64_decode(arena, content->text, text_path, ret_data, err);
}

int native_read_content(struct yyjson_val *value, const char *path, struct arena *arena,
			struct slice *ret_data, struct err *err)
{
	struct content content = {.encoding = CONTENT_UTF8};

	if (!json_is_object(value))
		return json_get_text(value, path, ret_data, err);
	int rc =
	    json_object_read(value, path, content_fields, ARRAY_LEN(content_fields), &content, err);
	return rc < 0 ? rc : decode_content(&content, path, arena, ret_data, err);
}

/* --- what runs: code or files --- */

int native_read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	int rc = json_get_text(value, path, &request->code, err);

	if (rc < 0)
		return rc;
	request->has_code = true;
	return native_check_bytes(request->code.len, request->api->config->code_bytes_max, path,
				  err);
}

static int add_file(struct native_request *request, struct slice name, struct slice data,
		    struct err *err)
{
	uint64_t most = request->api->config->code_bytes_max;

	request->files_bytes += data.len;
	if (request->files_bytes > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, "files", most,
				 "The files together have more than %" PRIu64 " bytes.", most);
	request->set.files[request->set.count++] = (struct job_file){name, data};
	return 0;
}

static int read_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	struct content content = {.encoding = CONTENT_UTF8};
	struct slice data = {0};
	int rc = json_object_read(value, path, file_fields, ARRAY_LEN(file_fields), &content, err);

	if (rc == 0)
		rc = decode_content(&content, path, request->arena, &data, err);
	return rc < 0 ? rc : add_file(request, content.name, data, err);
}

static int read_file_entry(struct slice name, struct yyjson_val *value, const char *path, void *ctx,
			   struct err *err)
{
	struct native_request *request = ctx;
	struct slice data = {0};
	int rc = file_name_check(name, path, err);

	if (rc == 0)
		rc = native_read_content(value, path, request->arena, &data, err);
	return rc < 0 ? rc : add_file(request, name, data, err);
}

int native_read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	size_t most = request->api->config->files_entries_max;

	if (request->has_code)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "Send either 'code' or 'files', not both.");
	request->set.files =
	    arena_array(request->arena, struct job_file, MIN_OF(json_count(value), most));
	if (!request->set.files)
		return native_no_memory(err);
	request->set.form = json_is_object(value) ? FILES_MAP : FILES_ARRAY;
	int rc = request->set.form == FILES_MAP
		     ? json_map_read(value, path, most, read_file_entry, request, err)
		     : json_array_read(value, path, most, read_file, request, err);
	if (rc == 0 && request->set.count == 0)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "'files' must have at least one file.");
	return rc;
}

int native_read_entrypoint(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	int rc = json_get_text(value, path, &request->entrypoint, err);

	request->has_entrypoint = true;
	return rc < 0 ? rc : file_name_check(request->entrypoint, path, err);
}

/* code becomes one file, under the name of the entrypoint or the runtime's usual one. */
static int store_code(struct native_request *request, struct err *err)
{
	struct slice name = request->has_entrypoint ? request->entrypoint
						    : slice_from(request->spec.runtime->file_name);

	request->set.files = arena_new(request->arena, struct job_file);
	if (!request->set.files)
		return native_no_memory(err);
	request->set.files[0] = (struct job_file){name, request->code};
	request->set.count = 1;
	request->set.form = FILES_CODE;
	return 0;
}

static int choose_entry(struct native_request *request, struct err *err)
{
	const struct file_set *set = &request->set;
	char shown[JSON_PATH_BYTES];
	size_t entry = request->has_entrypoint ? files_find(set, request->entrypoint)
					       : files_guess_entry(set, request->spec.runtime);

	request->spec.entry = entry;
	if (entry < set->count)
		return files_check_entry(set, entry, request->spec.runtime, err);
	if (!request->has_entrypoint)
		return err_field(err, ERR_MISSING_FIELD, "entrypoint",
				 "Name the file to run in 'entrypoint': none is called '%s'.",
				 request->spec.runtime->file_name);
	json_path_key(shown, "", request->entrypoint);
	return err_field(err, ERR_INVALID_FIELD, "entrypoint", "'%s' is not among 'files'.", shown);
}

int native_choose_program(struct native_request *request, struct err *err)
{
	int rc = 0;

	if (!request->has_code && request->set.count == 0)
		return err_field(err, ERR_MISSING_FIELD, "code",
				 "Send the program as 'code' or as 'files'.");
	if (request->has_code)
		rc = store_code(request, err);
	if (rc == 0)
		rc = files_check(&request->set, request->spec.runtime->artefact, request->arena,
				 err);
	if (rc == 0)
		rc = choose_entry(request, err);
	request->spec.files = request->set.files;
	request->spec.file_count = request->set.count;
	return rc;
}
