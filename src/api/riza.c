/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Riza's Code Interpreter API: what runs. Lenient as their server
 * was: fields of older and newer clients are passed over, but not those that would need a network.
 */
#include "api/riza.h"

#include <string.h>
#include <strings.h>

#include "ipc/payload.h"

#define FILES_DIR      "req/" /* of PAYLOAD_WORK_DIR, which is /mnt as well */
#define TIME_DEFAULT_S 30
#define MEMORY_DEFAULT (128 * MIB)
#define OUTPUT_BYTES   (20 * MIB)

/* What they had. */
static const struct riza_language languages[] = {
    {
	"python",
	"function.py",
	"",
#include "wrapper_python.h"
    },
    {
	"javascript",
	"function.js",
	"",
#include "wrapper_javascript.h"
    },
    {
	"typescript",
	"function.ts",
	"\nexport { execute as $execute };\n",
#include "wrapper_typescript.h"
    },
    {"ruby", NULL, NULL, NULL},
    {"php", NULL, NULL, NULL},
};

/* --- limits --- */

static void preset(struct riza_run *riza, enum limit limit, uint64_t wanted, uint64_t *number)
{
	const struct draft *draft = &riza->draft;
	struct limit_range range = limit_range_of(limit, draft->api, draft->spec.runtime);

	*number = MIN_OF(MAX_OF(wanted, range.least), range.most);
}

/*
 * Their time and output (each stream may have what they gave stdout); of memory the server's
 * default if that is more than theirs: what ran there runs here, and parked interpreters have that
 * much.
 */
static void preset_limits(struct riza_run *riza)
{
	struct job_limits *limits = &riza->draft.spec.limits;

	preset(riza, LIMIT_wall_time_ms, TIME_DEFAULT_S * 1000, &limits->wall_time_ms);
	preset(riza, LIMIT_cpu_time_ms, TIME_DEFAULT_S * 1000, &limits->cpu_time_ms);
	preset(riza, LIMIT_memory_bytes, MAX_OF(limits->memory_bytes, MEMORY_DEFAULT),
	       &limits->memory_bytes);
	preset(riza, LIMIT_output_bytes, OUTPUT_BYTES, &limits->output_bytes);
}

/* --- language --- */

const struct riza_language *riza_find_language(struct slice name, bool functions)
{
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if (strlen(languages[i].name) == name.len &&
		    strncasecmp(languages[i].name, name.data, name.len) == 0 &&
		    (languages[i].wrapper || !functions))
			return &languages[i];
	return NULL;
}

int riza_set_language(struct riza_run *riza, struct slice name, struct err *err)
{
	bool functions = riza->kind != RIZA_SCRIPT;

	riza->language = riza_find_language(name, functions);
	if (!riza->language)
		return err_field(err, ERR_UNKNOWN_LANGUAGE, "language", "'language' must be %s.",
				 functions ? "python, javascript or typescript, for a function"
					   : "python, javascript, typescript, ruby or php");
	int rc =
	    draft_set_language(&riza->draft, slice_from(riza->language->name), "language", err);
	if (rc == 0)
		preset_limits(riza);
	return rc;
}

/* In clients older than the field, no language is Python. */
static int read_language(struct riza_run *riza, struct yyjson_val *body, struct err *err)
{
	struct yyjson_val *value = json_at(body, "/language");
	struct slice name = SLICE_LITERAL("python");
	int rc = value && !json_is_null(value) ? json_get_text(value, "language", &name, err) : 0;

	return rc < 0 ? rc : riza_set_language(riza, name, err);
}

/* --- limits that were sent --- */

/* Behind their HTTP was gRPC, where a number that was not sent is 0: so 0 is none here. */
static bool is_unset(struct yyjson_val *value)
{
	int64_t number;

	return json_is_falsy(value) && json_whole_part(value, &number);
}

static int read_time(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct riza_run *riza = ctx;
	struct job_limits *limits = &riza->draft.spec.limits;

	if (is_unset(value))
		return 0;
	int rc = draft_read_limit(&riza->draft, LIMIT_wall_time_ms, value, 1000, path, err);
	if (rc == 0)
		preset(riza, LIMIT_cpu_time_ms, limits->wall_time_ms, &limits->cpu_time_ms);
	return rc;
}

static int read_memory(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return is_unset(value) ? 0
			       : draft_read_limit(ctx, LIMIT_memory_bytes, value, MIB, path, err);
}

static int read_limits(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const struct json_field fields[] = {
	    {"execution_timeout", false, read_time},
	    {"memory_size", false, read_memory},
	    JSON_IGNORE_OTHERS,
	};

	return json_object_read(value, path, fields, ARRAY_LEN(fields), ctx, err);
}

/* --- network --- */

static int refuse_hosts(struct yyjson_val *value, const char *path, void *ctx _unused_,
			struct err *err)
{
	if (json_count(value) == 0)
		return 0;
	return err_field(
	    err, ERR_INVALID_FIELD, path,
	    "'%s' cannot be granted: runs have no network on this server. Leave it out.", path);
}

int riza_read_http(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const struct json_field fields[] = {
	    {"allow", false, refuse_hosts},
	    JSON_IGNORE_OTHERS,
	};

	return json_object_read(value, path, fields, ARRAY_LEN(fields), ctx, err);
}

/* --- files --- */

struct riza_file {
	struct slice path, contents;
};

static int read_path(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice *name = &((struct riza_file *)ctx)->path;
	int rc = json_get_text(value, path, name, err);

	while (rc == 0 && name->len && name->data[0] == '/')
		*name = (struct slice){name->data + 1, name->len - 1};
	return rc < 0 ? rc : file_name_check(*name, path, err);
}

static int read_contents(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_text(value, path, &((struct riza_file *)ctx)->contents, err);
}

/* "content": clients of September 2024. */
static int read_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const struct json_field fields[] = {
	    {"path", true, read_path},
	    {"contents", false, read_contents},
	    {"content", false, read_contents},
	    JSON_IGNORE_OTHERS,
	};
	struct riza_run *riza = ctx;
	struct riza_file file = {0};
	int rc = json_object_read(value, path, fields, ARRAY_LEN(fields), &file, err);

	if (rc < 0)
		return rc;
	char *name =
	    arena_printf(riza->draft.arena, FILES_DIR "%.*s", (int)file.path.len, file.path.data);
	return name ? draft_add_file(&riza->draft, slice_from(name), file.contents, err)
		    : draft_no_memory(err);
}

/* Files that make the program come behind these, so that errors count as the caller does. */
#define PROGRAM_FILES_MAX 3

int riza_make_file_room(struct riza_run *riza, size_t count, struct err *err)
{
	riza->draft.set.form = FILES_ARRAY;
	riza->draft.set.files =
	    arena_array(riza->draft.arena, struct job_file, count + PROGRAM_FILES_MAX);
	return riza->draft.set.files ? 0 : draft_no_memory(err);
}

static int read_files(struct riza_run *riza, struct yyjson_val *files, struct err *err)
{
	size_t most = riza->draft.api->config->files_entries_max;
	int rc = riza_make_file_room(riza, MIN_OF(json_count(files), most), err);

	if (rc < 0 || !files || json_is_null(files))
		return rc;
	return json_array_read(files, "files", most, read_file, riza, err);
}

/* --- the program --- */

static int read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	int rc = draft_read_code(value, path, draft, err);

	draft->has_code = false; /* it becomes one of several files: see add_program */
	return rc;
}

int riza_read_input(struct yyjson_val *value, const char *path _unused_, void *ctx, struct err *err)
{
	struct riza_run *riza = ctx;

	riza->input = json_value_text(value, riza->draft.arena);
	return riza->input.data ? 0 : draft_no_memory(err);
}

static int add_file(struct riza_run *riza, const char *name, struct slice data, struct err *err)
{
	return draft_add_file(&riza->draft, slice_from(name), data, err);
}

/* One that is not the caller's program: it does not count among his files. */
static void put_file(struct riza_run *riza, const char *name, struct slice data)
{
	struct file_set *set = &riza->draft.set;

	set->files[set->count++] = (struct job_file){.name = slice_from(name), .data = data};
}

/* The caller's text, which may hold NUL characters, and what comes behind it. */
static int add_function(struct riza_run *riza, struct err *err)
{
	struct slice code = riza->draft.code, end = slice_from(riza->language->function_end);
	char *text = arena_alloc(riza->draft.arena, code.len + end.len + 1);

	if (!text)
		return draft_no_memory(err);
	memcpy(text, code.data, code.len);
	memcpy(text + code.len, end.data, end.len);
	return add_file(riza, riza->language->function_file,
			(struct slice){text, code.len + end.len}, err);
}

/* A script runs as it is; a function is a module of the wrapper, which is then the program. */
static int add_program(struct riza_run *riza, struct err *err)
{
	static struct slice output_file = SLICE_LITERAL(RIZA_OUTPUT_FILE);
	struct draft *draft = &riza->draft;
	const char *main_file = draft->spec.runtime->file_name;

	draft->has_entrypoint = true;
	draft->entrypoint = slice_from(main_file);
	if (riza->kind == RIZA_SCRIPT)
		return add_file(riza, main_file, draft->code, err);
	draft->spec.scan.ours = true;
	draft->spec.output_files = &output_file;
	draft->spec.output_file_count = 1;
	int rc = draft_check_bytes(riza->input.len, draft->api->config->stdin_bytes_max, "input", err);
	if (rc == 0)
		rc = add_function(riza, err);
	put_file(riza, RIZA_INPUT_FILE, riza->input);
	put_file(riza, main_file, slice_from(riza->language->wrapper));
	return rc;
}

int riza_add_program(struct riza_run *riza, struct err *err)
{
	int rc = add_program(riza, err);

	return rc < 0 ? rc : draft_complete(&riza->draft, err);
}

static int read_revision(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_text(value, path, &((struct riza_run *)ctx)->runtime_revision_id, err);
}

/* --- requests --- */

static const struct json_field script_fields[] = {
    {"code", true, read_code},
    {"args", false, draft_read_args},
    {"env", false, draft_read_env},
    {"stdin", false, draft_read_stdin},
    {"limits", false, read_limits},
    {"http", false, riza_read_http},
    {"allow_http_hosts", false, refuse_hosts},
    {"runtime_revision_id", false, read_revision},
    JSON_IGNORE_OTHERS,
};

static const struct json_field function_fields[] = {
    {"code", true, read_code},
    {"env", false, draft_read_env},
    {"input", false, riza_read_input},
    {"limits", false, read_limits},
    {"http", false, riza_read_http},
    {"allow_http_hosts", false, refuse_hosts},
    {"runtime_revision_id", false, read_revision},
    JSON_IGNORE_OTHERS,
};

static const struct {
	const struct json_field *fields;
	size_t count;
} tables[] = {
    [RIZA_SCRIPT] = {script_fields, ARRAY_LEN(script_fields)},
    [RIZA_FUNCTION] = {function_fields, ARRAY_LEN(function_fields)},
};

static enum riza_kind kind_of(const struct api_request *request)
{
	if (request->params[0].len)
		return RIZA_TOOL;
	return slice_equal(request->path, SLICE_LITERAL("/v1/execute-function")) ? RIZA_FUNCTION
										 : RIZA_SCRIPT;
}

static int read_request(struct riza_run *riza, const struct api_request *request, struct err *err)
{
	struct yyjson_val *body = request->body;

	if (riza->kind == RIZA_TOOL)
		return riza_read_tool_run(riza, request, err);
	int rc = read_language(riza, body, err);
	if (rc == 0)
		rc = read_files(riza, json_at(body, "/files"), err);
	if (rc == 0)
		rc = json_object_read(body, "", tables[riza->kind].fields, tables[riza->kind].count,
				      riza, err);
	return rc < 0 ? rc : riza_add_program(riza, err);
}

static int riza_decode(const struct api_context *api, const struct api_request *request,
		       struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	struct riza_run *riza = arena_new(arena, struct riza_run);

	if (!riza)
		return draft_no_memory(err);
	riza->draft.api = api;
	riza->draft.arena = arena;
	riza->kind = kind_of(request);
	riza->input = SLICE_LITERAL("null");
	int rc = read_request(riza, request, err);
	if (rc < 0)
		return rc;
	riza->draft.spec.dialect_data = riza;
	*ret_spec = riza->draft.spec;
	return 0;
}

const struct dialect dialect_riza = {
    .name = "riza",
    .empty_is_object = true,
    .decode = riza_decode,
    .encode_result = riza_encode_result,
    .encode_error = riza_encode_error,
    .next_need = riza_next_need,
    .take = riza_take,
    .encode_record = riza_encode_record,
};
