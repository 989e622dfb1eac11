/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RunTools' two generations, at one address: the first names a `runtime` and wants {"data": {...}},
 * the second a `language` and wants `run` and `compile`. Lenient: what they do not know is passed
 * over.
 */
#include "api/draft.h"
#include "api/names.h"
#include "api/piston.h"
#include "api/session.h"
#include "api/stage.h"

/* What their documents say holds when a request does not; docs/dialects.md. */
#define RUN_TIME_MS	 300000u
#define COMPILE_TIME_MS	 60000u
#define V1_RUN_TIME_MS	 30000u
#define EXIT_TIMED_OUT	 124 /* as of timeout(1): their exitCode is always a number */
#define EXIT_SIGNAL_BASE 128 /* as of a shell */

/* --- reading --- */

static int read_language(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct slice name;
	int rc = json_get_text(value, path, &name, err);

	if (rc == 0)
		rc = draft_set_language(draft, names_ours(name), path, err);
	if (rc < 0)
		return rc;
	draft_preset_limit(draft, LIMIT_wall_time_ms, RUN_TIME_MS);
	draft_preset_limit(draft, LIMIT_compile_time_ms, COMPILE_TIME_MS);
	return 0;
}

static int read_runtime(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	int rc = read_language(value, path, ctx, err);

	if (rc == 0)
		draft_preset_limit(ctx, LIMIT_wall_time_ms, V1_RUN_TIME_MS);
	return rc;
}

/* Theirs is shaped like Piston's, so versions are selected as there. */
static int read_version(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct slice selector;
	int rc = json_get_text(value, path, &selector, err);

	if (rc == 0)
		draft->spec.version = piston_version(draft->spec.runtime, selector);
	return rc < 0 || draft->spec.version ? rc : draft_read_version(value, path, draft, err);
}

static int read_run_timeout(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return draft_read_limit(ctx, LIMIT_wall_time_ms, value, 1, path, err);
}

static int read_compile_timeout(struct yyjson_val *value, const char *path, void *ctx,
				struct err *err)
{
	return draft_read_limit(ctx, LIMIT_compile_time_ms, value, 1, path, err);
}

/* [{"name"?, "content"}]; one without a name is the program, under its runtime's usual name. */
struct file {
	struct slice name, content;
};

static int read_name(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct file *file = ctx;
	int rc = json_get_text(value, path, &file->name, err);

	return rc < 0 || file->name.len == 0 ? rc : file_name_check(file->name, path, err);
}

static int read_content(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_text(value, path, &((struct file *)ctx)->content, err);
}

static const struct json_field file_fields[] = {
    {"name", false, read_name},
    {"content", true, read_content},
    JSON_IGNORE_OTHERS,
};

static int read_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct file file = {0};
	int rc = json_object_read(value, path, file_fields, ARRAY_LEN(file_fields), &file, err);

	if (rc < 0)
		return rc;
	if (file.name.len == 0)
		file.name = slice_from(draft->spec.runtime->file_name);
	return draft_add_file(draft, file.name, file.content, err);
}

/* The first file is the program, unless another one has the runtime's usual name. */
static int read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;

	if (draft->has_code)
		return 0; /* `code` is their shorthand for one file, and wins */
	int rc = draft_make_file_room(draft, json_count(value), FILES_ARRAY, err);
	if (rc == 0)
		rc = json_array_read(value, path, draft->api->config->files_entries_max, read_file,
				     draft, err);
	if (rc < 0 || draft->set.count == 0)
		return rc;
	size_t entry = files_guess_entry(&draft->set, draft->spec.runtime);
	draft->entrypoint = draft->set.files[entry < draft->set.count ? entry : 0].name;
	draft->has_entrypoint = true;
	return 0;
}

static const struct json_field v2_fields[] = {
    {"session_id", false, draft_read_session},
    {"language", true, read_language},
    {"version", false, read_version},
    {"code", false, draft_read_code},
    {"files", false, read_files},
    {"stdin", false, draft_read_stdin},
    {"run_timeout", false, read_run_timeout},
    {"compile_timeout", false, read_compile_timeout},
    JSON_IGNORE_OTHERS,
};

static const struct json_field v1_fields[] = {
    {"runtime", true, read_runtime},	{"code", false, draft_read_code},
    {"files", false, draft_read_files}, {"entrypoint", false, draft_read_entrypoint},
    {"stdin", false, draft_read_stdin}, {"timeout", false, read_run_timeout},
    {"env", false, draft_read_env},	JSON_IGNORE_OTHERS,
};

static int decode(const struct api_context *api, const struct api_request *request,
		  const struct json_field *fields, size_t field_count, struct arena *arena,
		  struct job_spec *ret_spec, struct err *err)
{
	struct draft draft = {.api = api, .arena = arena};
	int rc = json_object_read(request->body, "", fields, field_count, &draft, err);

	if (rc == 0)
		rc = draft_complete(&draft, err);
	if (rc < 0)
		return rc;
	draft_let_compute(&draft);
	*ret_spec = draft.spec;
	return 0;
}

static int v2_decode(const struct api_context *api, const struct api_request *request,
		     struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	int rc = decode(api, request, v2_fields, ARRAY_LEN(v2_fields), arena, ret_spec, err);

	if (rc == 0 && !ret_spec->session.id.len && api->sessions) /* every answer names one */
		ret_spec->session.fresh = true;
	return rc;
}

static int v1_decode(const struct api_context *api, const struct api_request *request,
		     struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	return decode(api, request, v1_fields, ARRAY_LEN(v1_fields), arena, ret_spec, err);
}

/* --- results --- */

static int exit_code_of(const struct stage_result *stage)
{
	if (stage_timed_out(stage))
		return EXIT_TIMED_OUT;
	return stage->has_exit_code ? stage->exit_code : EXIT_SIGNAL_BASE + stage->signal;
}

static void put_cost(struct json_writer *w, const struct stage_result *stage)
{
	json_put_u64(w, "time_ms", stage->wall_ns / NS_PER_MS);
	json_put_u64(w, "memory_kb", stage->memory_peak_bytes / KIB);
}

/* Has no signal: its code is always a number. */
static void put_compile(struct json_writer *w, const struct stage_result *compile)
{
	json_object_open(w, "compile");
	stage_put_streams(w, compile);
	json_put_i64(w, "code", exit_code_of(compile));
	put_cost(w, compile);
	json_object_close(w);
}

static void put_run(struct json_writer *w, const struct stage_result *run)
{
	json_object_open(w, "run");
	stage_put_streams(w, run);
	stage_put_code(w, "code", run);
	stage_put_signal(w, run);
	put_cost(w, run);
	json_object_close(w);
}

static int v2_encode_result(struct buf *out, const struct job_spec *spec,
			    const struct job_result *result)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "language", names_theirs(spec->runtime));
	json_put_text(&w, "version", spec->version->version);
	json_put_text(&w, "session_id", result->session.present ? result->session.id : NULL);
	if (result->compile.present)
		put_compile(&w, &result->compile);
	put_run(&w, stage_last(result));
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

static int v1_encode_result(struct buf *out, const struct job_spec *spec _unused_,
			    const struct job_result *result)
{
	const struct stage_result *stage = stage_last(result);
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_object_open(&w, "data");
	stage_put_streams(&w, stage);
	json_put_i64(&w, "exitCode", exit_code_of(stage));
	json_put_u64(&w, "executionTime", stage->wall_ns / NS_PER_MS);
	json_put_bool(&w, "timedOut", stage_timed_out(stage));
	json_object_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

/* --- errors, runtimes --- */

static const char *error_code(int status)
{
	static const struct {
		int status;
		const char *code;
	} rows[] = {
	    {401, "unauthorized"}, {403, "forbidden"},	  {404, "not_found"},
	    {409, "conflict"},	   {429, "rate_limited"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].code;
	return status < 500 ? "bad_request" : "internal_error";
}

static int encode_error(struct buf *out, const struct err *err, const char *request_id)
{
	int status = err_status(err->code);
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_object_open(&w, "error");
	json_put_text(&w, "code", error_code(status));
	json_put_text(&w, "message", err->text[0] ? err->text : err_default_text(err->code));
	json_put_text(&w, "requestId", request_id);
	json_object_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	return status;
}

static void put_runtime(struct json_writer *w, const struct runtime *runtime,
			const struct runtime_version *version)
{
	names_put_runtime(w, runtime, version);
	json_put_bool(w, "compiled", runtime->artefact != NULL);
}

static int encode_runtimes(struct buf *out, const struct api_context *api)
{
	return names_encode_versions(out, api, put_runtime);
}

const struct dialect dialect_runtools2 = {
    .name = "runtools2",
    .decode = v2_decode,
    .encode_result = v2_encode_result,
    .encode_error = encode_error,
    .encode_runtimes = encode_runtimes,
};

const struct dialect dialect_runtools1 = {
    .name = "runtools1",
    .decode = v1_decode,
    .encode_result = v1_encode_result,
    .encode_error = encode_error,
    .encode_runtimes = encode_runtimes,
};
