/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The native dialect: POST /v1/execute as docs/api.md describes it. The body is copied once into
 * the request's arena and parsed there in place, so that every string of the job is a slice of that
 * copy.
 */
#include "api/native.h"

#include <stdio.h>
#include <string.h>

#include "api/limit.h"
#include "api/target.h"

#define FLAGS_MAX 32

/* Text that becomes a C string of the program: an argument, a part of the environment. */
static int check_c_text(struct slice text, uint64_t most, const char *path, struct err *err)
{
	if (slice_has_nul(text))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' has a NUL character.", path);
	return native_check_bytes(text.len, most, path, err);
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
		return native_no_memory(err);
	return json_array_read(value, path, most, read_arg, request, err);
}

/* Which ones are allowed depends on the version, which is known in the end: see complete(). */
static int read_flag(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct native_request *)ctx)->spec;

	return json_get_text(value, path, &spec->flags[spec->flag_count++], err);
}

static int read_flags(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;

	request->spec.flags =
	    arena_array(request->arena, struct slice, MIN_OF(json_count(value), (size_t)FLAGS_MAX));
	if (!request->spec.flags)
		return native_no_memory(err);
	return json_array_read(value, path, FLAGS_MAX, read_flag, request, err);
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
		return native_no_memory(err);
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
		return native_no_memory(err);
	return json_map_read(value, path, most, read_variable, request, err);
}

static int read_stdin(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;
	struct slice *data = &request->spec.stdin_data;
	int rc = native_read_content(value, path, request->arena, data, err);

	return rc < 0 ? rc
		      : native_check_bytes(data->len, request->api->config->stdin_bytes_max, path,
					   err);
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

/* --- what comes back --- */

static int read_output_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct native_request *)ctx)->spec;
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

/* Who asks for files by name gets ./artifacts as well, unless he says otherwise. */
static int read_output_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct native_request *request = ctx;

	request->spec.output_files =
	    arena_array(request->arena, struct slice, MIN_OF(json_count(value), (size_t)COLLECT_NAMES_MAX));
	if (!request->spec.output_files)
		return native_no_memory(err);
	request->spec.artifacts = true;
	return json_array_read(value, path, COLLECT_NAMES_MAX, read_output_file, request, err);
}

static int read_artifacts(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &((struct native_request *)ctx)->spec.artifacts, err);
}

/* --- the whole request --- */

static const struct json_field request_fields[] = {
    {"language", true, read_language},
    {"version", false, read_version},
    {"engine", false, read_engine},
    {"code", false, native_read_code},
    {"files", false, native_read_files},
    {"entrypoint", false, native_read_entrypoint},
    {"args", false, read_args},
    {"flags", false, read_flags},
    {"env", false, read_env},
    {"stdin", false, read_stdin},
    {"limits", false, read_limits},
    {"output_files", false, read_output_files},
    {"artifacts", false, read_artifacts},
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
    {"compiler_options", "flags"},
    {"options", "flags"},
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

static int check_flags(const struct job_spec *spec, struct err *err)
{
	char path[JSON_PATH_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < spec->flag_count; i++) {
		snprintf(path, sizeof(path), "flags[%zu]", i);
		rc = target_flag(spec->runtime, spec->version, spec->flags[i], path, err);
	}
	return rc;
}

/* What follows from several fields, or from a field that was not sent. */
static int complete(struct native_request *request, struct err *err)
{
	struct job_spec *spec = &request->spec;
	int rc = native_choose_program(request, err);

	if (rc == 0 && !spec->version)
		rc = target_version(spec->runtime, SLICE_LITERAL("*"), "version", &spec->version,
				    err);
	if (rc == 0)
		rc = check_flags(spec, err);
	return rc < 0 ? rc : target_engine(spec->runtime, "engine", &spec->engine, err);
}

static int parse_body(struct slice body, struct arena *arena, struct yyjson_doc **ret_doc,
		      struct err *err)
{
	char *text = arena_alloc(arena, body.len + JSON_PADDING_BYTES);

	if (!text)
		return native_no_memory(err);
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
