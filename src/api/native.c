/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The native dialect: POST /v1/execute as docs/api.md describes it. The body is copied once into
 * the request's arena and parsed there in place, so that every string of the job is a slice of that
 * copy.
 */
#include "api/native.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/files.h"
#include "api/limit.h"
#include "api/target.h"
#include "json/json.h"

/* A request while it is read. The table below gives the order: language comes first. */
struct native_request {
	const struct api_context *api;
	struct arena *arena;
	struct job_spec spec;
	struct file_set set;
	bool has_code, has_entrypoint;
	struct slice code, entrypoint;
	uint64_t files_bytes;
};

static int no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

static int check_bytes(size_t len, uint64_t most, const char *path, struct err *err)
{
	if (len <= most)
		return 0;
	return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
			 "'%s' has %zu bytes; at most %" PRIu64 " are allowed.", path, len, most);
}

/* Text that becomes a C string of the program: an argument, a part of the environment. */
static int check_c_text(struct slice text, uint64_t most, const char *path, struct err *err)
{
	if (slice_has_nul(text))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' has a NUL character.", path);
	return check_bytes(text.len, most, path, err);
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

/* "text", or {"content": "dGV4dA==", "encoding": "base64"}. */
static int read_text_or_content(struct yyjson_val *value, const char *path, struct arena *arena,
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

static int read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	int rc = json_get_text(value, path, &request->code, err);

	if (rc < 0)
		return rc;
	request->has_code = true;
	return check_bytes(request->code.len, request->api->config->code_bytes_max, path, err);
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
	struct slice data;
	int rc = json_object_read(value, path, file_fields, ARRAY_LEN(file_fields), &content, err);

	if (rc == 0)
		rc = decode_content(&content, path, request->arena, &data, err);
	return rc < 0 ? rc : add_file(request, content.name, data, err);
}

static int read_file_entry(struct slice name, struct yyjson_val *value, const char *path, void *ctx,
			   struct err *err)
{
	struct native_request *request = ctx;
	struct slice data;
	int rc = file_name_check(name, path, err);

	if (rc == 0)
		rc = read_text_or_content(value, path, request->arena, &data, err);
	return rc < 0 ? rc : add_file(request, name, data, err);
}

static int read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	size_t most = request->api->config->files_entries_max;

	if (request->has_code)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "Send either 'code' or 'files', not both.");
	request->set.files =
	    arena_array(request->arena, struct job_file, MIN_OF(json_count(value), most));
	if (!request->set.files)
		return no_memory(err);
	request->set.form = json_is_object(value) ? FILES_MAP : FILES_ARRAY;
	int rc = request->set.form == FILES_MAP
		     ? json_map_read(value, path, most, read_file_entry, request, err)
		     : json_array_read(value, path, most, read_file, request, err);
	if (rc == 0 && request->set.count == 0)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "'files' must have at least one file.");
	return rc;
}

static int read_entrypoint(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	int rc = json_get_text(value, path, &request->entrypoint, err);

	request->has_entrypoint = true;
	return rc < 0 ? rc : file_name_check(request->entrypoint, path, err);
}

/* --- where it runs --- */

static int read_language(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	struct job_spec *spec = &request->spec;
	struct slice name;
	int rc = json_get_text(value, path, &name, err);

	if (rc == 0)
		rc = target_language(request->api, name, path, &spec->runtime, err);
	return rc < 0 ? rc : limit_preset_all(&spec->limits, request->api, spec->runtime, err);
}

static int read_version(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct native_request *)ctx)->spec;
	struct slice selector;
	int rc = json_get_text(value, path, &selector, err);

	return rc < 0 ? rc : target_version(spec->runtime, selector, path, &spec->version, err);
}

static int read_engine(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct native_request *)ctx)->spec;
	unsigned index;
	int rc = json_get_choice(value, path, engine_names, ENGINE_COUNT, &index, err);

	if (rc == 0)
		spec->engine = (enum engine_kind)index;
	return rc;
}

static int read_limits(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;

	return limit_read_all(value, path, request->api, request->spec.runtime,
			      &request->spec.limits, err);
}

/* --- what it is given --- */

static int read_arg(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	struct slice text;
	int rc = json_get_text(value, path, &text, err);

	if (rc == 0)
		rc = check_c_text(text, request->api->config->args_bytes_max, path, err);
	if (rc == 0)
		request->spec.args[request->spec.arg_count++] = text;
	return rc;
}

static int read_args(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	size_t most = request->api->config->args_entries_max;

	request->spec.args =
	    arena_array(request->arena, struct slice, MIN_OF(json_count(value), most));
	if (!request->spec.args)
		return no_memory(err);
	return json_array_read(value, path, most, read_arg, request, err);
}

/* Any name that execve can pass on; that shells want letters, digits and '_' is their affair. */
static int check_env_name(struct slice name, uint64_t most, const char *path, struct err *err)
{
	if (name.len == 0 || memchr(name.data, '=', name.len))
		return err_field(err, ERR_INVALID_FIELD, path, "The variable's name in '%s' %s.",
				 path, name.len ? "has a '='" : "is empty");
	return check_c_text(name, most, path, err);
}

static int read_variable(struct slice name, struct yyjson_val *value, const char *path, void *ctx,
			 struct err *err)
{
	struct native_request *request = ctx;
	const struct config *config = request->api->config;
	struct slice text;
	int rc = check_env_name(name, config->env_key_bytes_max, path, err);

	if (rc == 0)
		rc = json_get_text(value, path, &text, err);
	if (rc == 0)
		rc = check_c_text(text, config->env_value_bytes_max, path, err);
	if (rc < 0)
		return rc;
	char *line = arena_alloc(request->arena, name.len + 1 + text.len);
	if (!line)
		return no_memory(err);
	memcpy(line, name.data, name.len);
	line[name.len] = '=';
	memcpy(line + name.len + 1, text.data, text.len);
	request->spec.env[request->spec.env_count++] =
	    (struct slice){line, name.len + 1 + text.len};
	return 0;
}

static int read_env(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	size_t most = request->api->config->env_entries_max;

	request->spec.env =
	    arena_array(request->arena, struct slice, MIN_OF(json_count(value), most));
	if (!request->spec.env)
		return no_memory(err);
	return json_map_read(value, path, most, read_variable, request, err);
}

static int read_stdin(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	struct slice *data = &request->spec.stdin_data;
	int rc = read_text_or_content(value, path, request->arena, data, err);

	return rc < 0 ? rc
		      : check_bytes(data->len, request->api->config->stdin_bytes_max, path, err);
}

static int read_output_encoding(struct yyjson_val *value, const char *path, void *ctx,
				struct err *err)
{
	static const char *const names[] = {[OUTPUT_TEXT] = "text", [OUTPUT_BASE64] = "base64"};
	unsigned index;
	int rc = json_get_choice(value, path, names, ARRAY_LEN(names), &index, err);

	if (rc == 0)
		((struct native_request *)ctx)->spec.output_encoding = (enum output_encoding)index;
	return rc;
}

/* --- the whole request --- */

static const struct json_field request_fields[] = {
    {"language", true, read_language},
    {"version", false, read_version},
    {"engine", false, read_engine},
    {"code", false, read_code},
    {"files", false, read_files},
    {"entrypoint", false, read_entrypoint},
    {"args", false, read_args},
    {"env", false, read_env},
    {"stdin", false, read_stdin},
    {"limits", false, read_limits},
    {"output_encoding", false, read_output_encoding},
};

/* Names that other services use, and limits that were sent one level too high. */
static const struct {
	const char *sent, *meant;
} synonyms[] = {
    {"timeout", "limits.wall_time_ms"},
    {"timeout_ms", "limits.wall_time_ms"},
    {"run_timeout", "limits.wall_time_ms"},
    {"compile_timeout", "limits.compile_time_ms"},
    {"memory", "limits.memory_bytes"},
    {"memory_limit", "limits.memory_bytes"},
    {"run_memory_limit", "limits.memory_bytes"},
    {"environment", "env"},
    {"input", "stdin"},
    {"runtime", "language"},
    {"source", "code"},
    {"source_code", "code"},
    {"script", "code"},
#define X(name, of_key, of_runtime) {#name, "limits." #name},
#include "api/limit.def"
#undef X
};

static int explain_unknown(struct err *err)
{
	char field[sizeof(err->field)];

	for (size_t i = 0; err && i < ARRAY_LEN(synonyms); i++) {
		if (strcmp(err->field, synonyms[i].sent) != 0)
			continue;
		strcpy(field, err->field);
		return err_field(err, ERR_UNKNOWN_FIELD, field,
				 "There is no field '%s'; did you mean '%s'?", field,
				 synonyms[i].meant);
	}
	return -ERR_UNKNOWN_FIELD;
}

/* code becomes one file, under the name of the entrypoint or the runtime's usual one. */
static int store_code(struct native_request *request, struct err *err)
{
	struct slice name = request->has_entrypoint ? request->entrypoint
						    : slice_from(request->spec.runtime->file_name);

	request->set.files = arena_new(request->arena, struct job_file);
	if (!request->set.files)
		return no_memory(err);
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

/* What follows from several fields, or from a field that was not sent. */
static int complete(struct native_request *request, struct err *err)
{
	struct job_spec *spec = &request->spec;
	int rc = 0;

	if (!request->has_code && request->set.count == 0)
		return err_field(err, ERR_MISSING_FIELD, "code",
				 "Send the program as 'code' or as 'files'.");
	if (!spec->version)
		rc = target_version(spec->runtime, SLICE_LITERAL("*"), "version", &spec->version,
				    err);
	if (rc == 0)
		rc = target_engine(spec->runtime, "engine", &spec->engine, err);
	if (rc == 0 && request->has_code)
		rc = store_code(request, err);
	if (rc == 0)
		rc = files_check(&request->set, spec->runtime->artefact, request->arena, err);
	if (rc == 0)
		rc = choose_entry(request, err);
	spec->files = request->set.files;
	spec->file_count = request->set.count;
	return rc;
}

static int parse_body(struct slice body, struct arena *arena, struct yyjson_doc **ret_doc,
		      struct err *err)
{
	char *text = arena_alloc(arena, body.len + JSON_PADDING_BYTES);

	if (!text)
		return no_memory(err);
	if (body.len)
		memcpy(text, body.data, body.len);
	return json_parse_in_place(ret_doc, text, body.len, err);
}

static int native_decode(const struct api_context *api, struct slice body, struct arena *arena,
			 struct job_spec *ret_spec, struct err *err)
{
	struct native_request request = {.api = api, .arena = arena};
	struct yyjson_doc *doc;
	int rc = parse_body(body, arena, &doc, err);

	if (rc < 0)
		return rc;
	rc = json_object_read(json_root(doc), "", request_fields, ARRAY_LEN(request_fields),
			      &request, err);
	json_free(doc);
	if (rc == -ERR_UNKNOWN_FIELD)
		return explain_unknown(err);
	if (rc == 0)
		rc = complete(&request, err);
	if (rc == 0)
		*ret_spec = request.spec;
	return rc;
}

const struct dialect dialect_native = {
    .name = "native",
    .decode = native_decode,
    .encode_result = native_encode_result,
    .encode_error = native_encode_error,
    .encode_runtimes = native_encode_runtimes,
};
