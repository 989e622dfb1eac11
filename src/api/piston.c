/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Piston v2: execute and runtimes, with the texts and in the order of its own checks. A field that
 * JavaScript takes for false counts as not sent; what is not known is passed over.
 */
#include "api/piston.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/draft.h"
#include "api/names.h"
#include "api/stage.h"

/* What Piston is configured with as it comes, for requests that do not say. */
#define RUN_TIME_MS	3000u
#define COMPILE_TIME_MS 10000u
#define HEX_DIGITS	"0123456789abcdefABCDEF"

static int refuse(struct err *err, const char *field, const char *what)
{
	return err_field(err, ERR_INVALID_FIELD, field, "%s %s", field, what);
}

/* --- the language --- */

static int read_language(struct draft *draft, struct yyjson_val *body, struct err *err)
{
	struct slice language = json_text(json_at(body, "/language"));
	struct slice version = json_text(json_at(body, "/version"));
	struct job_spec *spec = &draft->spec;
	int rc = draft_set_language(draft, names_ours(language), "language", err);

	if (rc < 0 && rc != -ERR_UNKNOWN_LANGUAGE)
		return rc;
	if (rc == 0)
		spec->version = piston_version(spec->runtime, version);
	if (spec->version)
		return 0;
	return err_field(err, ERR_UNKNOWN_LANGUAGE, "language", "%.*s-%.*s runtime is unknown",
			 (int)MIN_OF(language.len, 100u), language.data,
			 (int)MIN_OF(version.len, 100u), version.data);
}

/* --- files --- */

static int check_content(struct yyjson_val *value, const char *path, void *ctx _unused_,
			 struct err *err)
{
	char field[JSON_PATH_BYTES];

	if (json_is_text(json_at(value, "/content")))
		return 0;
	json_path_key(field, path, SLICE_LITERAL("content"));
	return refuse(err, field, "is required as a string");
}

static int hex_decode(struct arena *arena, struct slice text, const char *path,
		      struct slice *ret_data, struct err *err)
{
	char *data = arena_alloc(arena, text.len / 2 + 1);

	if (!data)
		return draft_no_memory(err);
	for (size_t i = 0; i < text.len; i += 2) {
		char pair[3] = {text.data[i], i + 1 < text.len ? text.data[i + 1] : ' ', '\0'};
		if (strspn(pair, HEX_DIGITS) != 2)
			return refuse(err, path, "is not hexadecimal");
		data[i / 2] = (char)strtoul(pair, NULL, 16);
	}
	*ret_data = (struct slice){data, text.len / 2};
	return 0;
}

/* An encoding that it does not know is utf8. *ret_is_text: so it may be the program. */
static int decode_content(struct draft *draft, struct yyjson_val *file, const char *path,
			  struct slice *ret_data, bool *ret_is_text, struct err *err)
{
	struct slice encoding = json_text(json_at(file, "/encoding"));
	struct slice text = json_text(json_at(file, "/content"));

	*ret_is_text = false;
	if (slice_equal(encoding, SLICE_LITERAL("base64")))
		return json_base64_decode(draft->arena, text, path, ret_data, err);
	if (slice_equal(encoding, SLICE_LITERAL("hex")))
		return hex_decode(draft->arena, text, path, ret_data, err);
	*ret_is_text = true;
	*ret_data = text;
	return 0;
}

/*
 * Without a name it is file<i>.code, as theirs; but the program goes by its runtime's usual name,
 * which compilers tell a language by and parked interpreters wait for. One that was named without a
 * suffix that its compiler knows gets it added, as their packages' scripts do.
 */
static struct slice name_of(struct draft *draft, struct yyjson_val *file, bool program)
{
	const struct runtime *runtime = draft->spec.runtime;
	const char *suffix = strrchr(runtime->file_name, '.');
	struct slice name = json_text(json_at(file, "/name"));

	if (name.len == 0 && program)
		return slice_from(runtime->file_name);
	if (name.len == 0)
		return slice_from(arena_printf(draft->arena, "file%zu.code", draft->set.count));
	if (program && suffix && runtime->artefact && !files_has_suffix(name, runtime))
		return slice_from(arena_printf(draft->arena, "%.*s%s", (int)MIN_OF(name.len, 4096u),
					       name.data, suffix));
	return name;
}

static int read_file(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct slice data = {0};
	bool is_text;
	int rc = decode_content(draft, value, path, &data, &is_text, err);

	if (rc < 0)
		return rc;
	bool program = is_text && !draft->has_entrypoint;
	struct slice name = name_of(draft, value, program);
	if (!name.data)
		return draft_no_memory(err);
	rc = file_name_check(name, path, err);
	if (rc < 0)
		return rc;
	if (program) {
		draft->has_entrypoint = true;
		draft->entrypoint = name;
	}
	return draft_add_file(draft, name, data, err);
}

/* The first file of text is the program. */
static int read_files(struct draft *draft, struct yyjson_val *files, struct err *err)
{
	int rc = draft_make_file_room(draft, json_count(files), FILES_ARRAY, err);

	if (rc == 0)
		rc = json_array_read(files, "files", draft->api->config->files_entries_max,
				     read_file, draft, err);
	if (rc == 0 && !draft->has_entrypoint)
		return err_set(err, ERR_INVALID_FIELD,
			       "files must include at least one utf8 encoded file");
	return rc;
}

/* --- limits --- */

/* In the order of their checks; -1 is what some clients send for memory they do not limit. */
static const struct constraint {
	const char *pointer;
	enum limit limit;
	size_t in_spec; /* of a uint64_t */
	bool negative_is_none;
} constraints[] = {
    {"/compile_memory_limit", LIMIT_memory_bytes, offsetof(struct job_spec, compile_memory_bytes),
     true},
    {"/run_memory_limit", LIMIT_memory_bytes, offsetof(struct job_spec, limits.memory_bytes), true},
    {"/compile_timeout", LIMIT_compile_time_ms, offsetof(struct job_spec, limits.compile_time_ms),
     false},
    {"/run_timeout", LIMIT_wall_time_ms, offsetof(struct job_spec, limits.wall_time_ms), false},
    {"/compile_cpu_time", LIMIT_compile_time_ms, offsetof(struct job_spec, compile_cpu_time_ms),
     false},
    {"/run_cpu_time", LIMIT_cpu_time_ms, offsetof(struct job_spec, limits.cpu_time_ms), false},
};

static int check_number(const char *name, int64_t number, struct limit_range range, struct err *err)
{
	if (number < 0)
		return refuse(err, name, "must be non-negative");
	if ((uint64_t)number > range.most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, name, range.most,
				 "%s cannot exceed the configured limit of %" PRIu64, name,
				 range.most);
	if ((uint64_t)number < range.least)
		return err_limit(err, ERR_INVALID_FIELD, name, range.least,
				 "%s must be at least %" PRIu64 " for this runtime", name,
				 range.least);
	return 0;
}

static int read_constraint(struct draft *draft, struct yyjson_val *body,
			   const struct constraint *constraint, struct err *err)
{
	struct yyjson_val *value = json_at(body, constraint->pointer);
	const char *name = constraint->pointer + 1;
	struct limit_range range =
	    limit_range_of(constraint->limit, draft->api, draft->spec.runtime);
	int64_t number;

	if (json_is_falsy(value))
		return 0;
	if (!json_whole_part(value, &number))
		return err_field(err, ERR_INVALID_FIELD, name, "If specified, %s must be a number",
				 name);
	if (number < 0 && constraint->negative_is_none)
		return 0;
	int rc = check_number(name, number, range, err);
	if (rc == 0)
		*(uint64_t *)((char *)&draft->spec + constraint->in_spec) = (uint64_t)number;
	return rc;
}

/* Who says how long a program may run, and not how long it may compute, means both. */
static int read_constraints(struct draft *draft, struct yyjson_val *body, struct err *err)
{
	struct job_limits *limits = &draft->spec.limits;
	int rc = 0;

	draft_preset_limit(draft, LIMIT_wall_time_ms, RUN_TIME_MS);
	draft_preset_limit(draft, LIMIT_compile_time_ms, COMPILE_TIME_MS);
	limits->cpu_time_ms = 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(constraints); i++)
		rc = read_constraint(draft, body, &constraints[i], err);
	if (limits->cpu_time_ms == 0)
		draft_preset_limit(draft, LIMIT_cpu_time_ms, limits->wall_time_ms);
	return rc;
}

/* --- what the program is given --- */

/* Theirs ends in a line break, also where nothing was sent. */
static int read_stdin(struct draft *draft, struct yyjson_val *value, struct err *err)
{
	struct slice text = json_text(value);

	if (!json_is_falsy(value) && !json_is_text(value))
		return refuse(err, "stdin", "must be a string");
	if (text.len == 0 || text.data[text.len - 1] != '\n') {
		char *line = arena_alloc(draft->arena, text.len + 1);
		if (!line)
			return draft_no_memory(err);
		if (text.len)
			memcpy(line, text.data, text.len);
		line[text.len++] = '\n';
		text.data = line;
	}
	draft->spec.stdin_data = text;
	return draft_check_bytes(text.len, draft->api->config->stdin_bytes_max, "stdin", err);
}

static int read_args(struct draft *draft, struct yyjson_val *value, struct err *err)
{
	return json_is_falsy(value) ? 0 : draft_read_args(value, "args", draft, err);
}

static int check_required(struct yyjson_val *body, struct err *err)
{
	if (json_text(json_at(body, "/language")).len == 0)
		return refuse(err, "language", "is required as a string");
	if (json_text(json_at(body, "/version")).len == 0)
		return refuse(err, "version", "is required as a string");
	if (!json_is_array(json_at(body, "/files")))
		return refuse(err, "files", "is required as an array");
	return json_array_read(json_at(body, "/files"), "files", SIZE_MAX, check_content, NULL,
			       err);
}

int piston_decode(const struct api_context *api, const struct api_request *request,
		  struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	struct draft draft = {.api = api, .arena = arena};
	struct yyjson_val *body = request->body;
	int rc = check_required(body, err);

	if (rc == 0)
		rc = read_language(&draft, body, err);
	if (rc == 0)
		rc = read_files(&draft, json_at(body, "/files"), err);
	if (rc == 0)
		rc = read_constraints(&draft, body, err);
	if (rc == 0)
		rc = read_args(&draft, json_at(body, "/args"), err);
	if (rc == 0)
		rc = read_stdin(&draft, json_at(body, "/stdin"), err);
	if (rc == 0)
		rc = draft_complete(&draft, err);
	if (rc == 0)
		*ret_spec = draft.spec;
	return rc;
}

/* --- results --- */

/* Their two letters for how a stage ended, and their sandbox's words for it. */
struct verdict {
	const char *status, *message;
	bool killed;
};

static struct verdict verdict_of(const struct stage_result *stage, char text[static 64])
{
	if (stage_timed_out(stage))
		return (struct verdict){"TO", "Time limit exceeded", true};
	if (stage->out_truncated)
		return (struct verdict){"OL", "stdout length exceeded", true};
	if (stage->err_truncated)
		return (struct verdict){"EL", "stderr length exceeded", true};
	if (stage->note[0])
		return (struct verdict){"XX", stage->note, false};
	if (stage->status == RUN_STATUS_MEMORY_LIMIT)
		return (struct verdict){"SG", "Memory limit exceeded", true};
	if (stage->signal) {
		snprintf(text, 64, "Caught fatal signal %d", stage->signal);
		return (struct verdict){"SG", text, false};
	}
	if (stage->exit_code) {
		snprintf(text, 64, "Exited with error status %d", stage->exit_code);
		return (struct verdict){"RE", text, false};
	}
	return (struct verdict){NULL, NULL, false};
}

/* Both streams in one; which came first is not known here, so stdout does. */
static void put_output(struct json_writer *w, const struct stage_result *stage)
{
	_buf_finish_ struct buf both;

	buf_init(&both, stage->out.len + stage->err.len);
	if (buf_append(&both, stage->out.data, stage->out.len) < 0 ||
	    buf_append(&both, stage->err.data, stage->err.len) < 0)
		w->rc = -ERR_NO_MEMORY;
	json_put_bytes(w, "output", buf_slice(&both));
}

static void put_stage(struct json_writer *w, const char *key, const struct stage_result *stage)
{
	char text[64];
	struct verdict verdict = verdict_of(stage, text);

	json_object_open(w, key);
	if (verdict.killed)
		json_put_text(w, "signal", "SIGKILL");
	else
		stage_put_signal(w, stage);
	json_put_bytes(w, "stdout", buf_slice(&stage->out));
	json_put_bytes(w, "stderr", buf_slice(&stage->err));
	stage_put_code(w, "code", stage);
	put_output(w, stage);
	if (stage->memory_peak_bytes)
		json_put_u64(w, "memory", stage->memory_peak_bytes);
	else
		json_put_null(w, "memory");
	json_put_text(w, "message", verdict.message);
	json_put_text(w, "status", verdict.status);
	json_put_u64(w, "cpu_time", stage->cpu_ns / NS_PER_MS);
	json_put_u64(w, "wall_time", stage->wall_ns / NS_PER_MS);
	json_object_close(w);
}

void piston_put_runtime(struct json_writer *w, const struct job_spec *spec)
{
	json_put_text(w, "language", names_theirs(spec->runtime));
	json_put_text(w, "version", spec->version->version);
}

static int piston_encode_result(struct buf *out, const struct job_spec *spec,
				const struct job_result *result)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	if (result->compile.present)
		put_stage(&w, "compile", &result->compile);
	put_stage(&w, "run", stage_last(result));
	piston_put_runtime(&w, spec);
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

/* Their answers to a path or a method that is not there, and to a body that cannot be read. */
static int piston_encode_error(struct buf *out, const struct err *err,
			       const char *request_id _unused_)
{
	bool missing =
	    (err->code == ERR_NOT_FOUND && !err->field[0]) || err->code == ERR_METHOD_NOT_ALLOWED;
	const char *text = err->text[0] ? err->text : err_default_text(err->code);
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	if (err->code == ERR_INVALID_JSON)
		json_put_text(&w, "stack", text);
	else
		json_put_text(&w, "message", missing ? "Not Found" : text);
	json_object_close(&w);
	json_writer_finish(&w);
	return missing ? 404 : err_status(err->code);
}

/* --- runtimes --- */

static void put_runtime(struct json_writer *w, const struct runtime *runtime,
			const struct runtime_version *version)
{
	names_put_runtime(w, runtime, version);
	if (version->provider)
		json_put_text(w, "runtime", version->provider);
}

static int piston_encode_runtimes(struct buf *out, const struct api_context *api)
{
	return names_encode_versions(out, api, put_runtime);
}

const struct dialect dialect_piston = {
    .name = "piston",
    .any_media_type = true, /* npm's piston-client says text/plain */
    .empty_is_object = true,
    .decode = piston_decode,
    .encode_result = piston_encode_result,
    .encode_error = piston_encode_error,
    .encode_runtimes = piston_encode_runtimes,
};
