/* SPDX-License-Identifier: Apache-2.0 */
/* What runs: code, files and entrypoint, and content that is not text. */
#include <inttypes.h>

#include "api/draft.h"

int draft_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

int draft_check_bytes(size_t len, uint64_t most, const char *path, struct err *err)
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

int draft_read_content(struct yyjson_val *value, const char *path, struct arena *arena,
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

int draft_set_code(struct draft *draft, struct slice code, const char *path, struct err *err)
{
	draft->code = code;
	draft->has_code = true;
	return draft_check_bytes(code.len, draft->api->config->code_bytes_max, path, err);
}

int draft_read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice code;
	int rc = json_get_text(value, path, &code, err);

	return rc < 0 ? rc : draft_set_code(ctx, code, path, err);
}

int draft_make_file_room(struct draft *draft, size_t count, enum file_form form, struct err *err)
{
	size_t most = draft->api->config->files_entries_max;

	draft->set.form = form;
	draft->set.files = arena_array(draft->arena, struct job_file, MIN_OF(count, most));
	return draft->set.files ? 0 : draft_no_memory(err);
}

int draft_add_file(struct draft *draft, struct slice name, struct slice data, struct err *err)
{
	uint64_t most = draft->api->config->code_bytes_max;

	draft->files_bytes += data.len;
	if (draft->files_bytes > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, "files", most,
				 "The files together have more than %" PRIu64 " bytes.", most);
	draft->set.files[draft->set.count++] = (struct job_file){name, data};
	return 0;
}

static int read_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct content content = {.encoding = CONTENT_UTF8};
	struct slice data = {0};
	int rc = json_object_read(value, path, file_fields, ARRAY_LEN(file_fields), &content, err);

	if (rc == 0)
		rc = decode_content(&content, path, draft->arena, &data, err);
	return rc < 0 ? rc : draft_add_file(draft, content.name, data, err);
}

static int read_file_entry(struct slice name, struct yyjson_val *value, const char *path, void *ctx,
			   struct err *err)
{
	struct draft *draft = ctx;
	struct slice data = {0};
	int rc = file_name_check(name, path, err);

	if (rc == 0)
		rc = draft_read_content(value, path, draft->arena, &data, err);
	return rc < 0 ? rc : draft_add_file(draft, name, data, err);
}

int draft_read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	size_t most = draft->api->config->files_entries_max;

	if (draft->has_code)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "Send either 'code' or 'files', not both.");
	enum file_form form = json_is_object(value) ? FILES_MAP : FILES_ARRAY;
	int rc = draft_make_file_room(draft, json_count(value), form, err);
	if (rc < 0)
		return rc;
	rc = form == FILES_MAP
		     ? json_map_read(value, path, most, read_file_entry, draft, err)
		     : json_array_read(value, path, most, read_file, draft, err);
	if (rc == 0 && draft->set.count == 0)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "'files' must have at least one file.");
	return rc;
}

int draft_read_entrypoint(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	int rc = json_get_text(value, path, &draft->entrypoint, err);

	draft->has_entrypoint = true;
	return rc < 0 ? rc : file_name_check(draft->entrypoint, path, err);
}

/* code becomes one file, under the name of the entrypoint or the runtime's usual one. */
static int store_code(struct draft *draft, struct err *err)
{
	struct slice name = draft->has_entrypoint ? draft->entrypoint
						    : slice_from(draft->spec.runtime->file_name);

	draft->set.files = arena_new(draft->arena, struct job_file);
	if (!draft->set.files)
		return draft_no_memory(err);
	draft->set.files[0] = (struct job_file){name, draft->code};
	draft->set.count = 1;
	draft->set.form = FILES_CODE;
	return 0;
}

static int choose_entry(struct draft *draft, struct err *err)
{
	const struct file_set *set = &draft->set;
	char shown[JSON_PATH_BYTES];
	size_t entry = draft->has_entrypoint ? files_find(set, draft->entrypoint)
					       : files_guess_entry(set, draft->spec.runtime);

	draft->spec.entry = entry;
	if (entry < set->count)
		return files_check_entry(set, entry, draft->spec.runtime, err);
	if (!draft->has_entrypoint)
		return err_field(err, ERR_MISSING_FIELD, "entrypoint",
				 "Name the file to run in 'entrypoint': none is called '%s'.",
				 draft->spec.runtime->file_name);
	json_path_key(shown, "", draft->entrypoint);
	return err_field(err, ERR_INVALID_FIELD, "entrypoint", "'%s' is not among 'files'.", shown);
}

/* Whether it is there is seen when the session is. */
static int name_file_of_session(struct draft *draft, struct err *err)
{
	draft->set.files = arena_new(draft->arena, struct job_file);
	if (!draft->set.files)
		return draft_no_memory(err);
	draft->set.files[0] = (struct job_file){.name = draft->entrypoint, .of_session = true};
	draft->set.count = 1;
	draft->set.form = FILES_CODE;
	return 0;
}

int draft_choose_program(struct draft *draft, struct err *err)
{
	int rc = 0;

	draft->spec.session.code_is_file = !draft->has_code;
	if (!draft->has_code && draft->set.count == 0 && draft->has_entrypoint && draft->spec.session.id.len)
		rc = name_file_of_session(draft, err);
	else if (!draft->has_code && draft->set.count == 0 && draft->spec.window.rows)
		return 0; /* a terminal has somebody who types it: see check_repl */
	else if (!draft->has_code && draft->set.count == 0)
		return err_field(err, ERR_MISSING_FIELD, "code",
				 "Send the program as 'code' or as 'files'.");
	if (draft->has_code)
		rc = store_code(draft, err);
	if (rc == 0)
		rc = files_check(&draft->set, draft->spec.runtime->artefact, draft->arena,
				 err);
	if (rc == 0)
		rc = choose_entry(draft, err);
	draft->spec.files = draft->set.files;
	draft->spec.file_count = draft->set.count;
	return rc;
}

/* --- what comes back --- */

static int read_output_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct draft *)ctx)->spec;
	struct slice name;
	int rc = json_get_text(value, path, &name, err);

	if (rc == 0)
		rc = file_name_check(name, path, err);
	for (size_t i = 0; rc == 0 && i < spec->output_file_count; i++)
		if (slice_equal(spec->output_files[i], name))
			return 0; /* once is enough */
	if (rc == 0)
		spec->output_files[spec->output_file_count++] = name;
	return rc;
}

int draft_read_output_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	size_t room = MIN_OF(json_count(value), (size_t)COLLECT_NAMES_MAX);

	draft->spec.output_files = arena_array(draft->arena, struct slice, room);
	if (!draft->spec.output_files)
		return draft_no_memory(err);
	draft->spec.artifacts = true;
	return json_array_read(value, path, COLLECT_NAMES_MAX, read_output_file, draft, err);
}

int draft_read_artifacts(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &((struct draft *)ctx)->spec.artifacts, err);
}
