/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relaxAI: POST /v1/tools/code. Python only, as with python3 -c; looked at before it runs (guard.c); figures
 * that it shows come back. A program that ends by itself was a success, whatever its exit code.
 */
#include <inttypes.h>
#include <string.h>

#include "api/draft.h"
#include "api/guard.h"

#define CODE_CHARACTERS_MAX 50000u
#define EXIT_FAILED	    (-1) /* "execution failure or security violation" */
#define EXIT_SIGNAL_BASE    128	 /* as from a shell */

struct relaxai_data {
	bool looked_at;
};

/* --- requests --- */

static int read_lang(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const struct slice python = SLICE_LITERAL("python");
	struct slice name;
	int rc = json_get_text(value, path, &name, err);

	if (rc == 0 && !slice_equal(name, python))
		rc = err_field(err, ERR_INVALID_FIELD, path,
			       "Only 'python' is supported as '%s'.", path);
	return rc < 0 ? rc : draft_set_language(ctx, python, path, err);
}

static size_t count_characters(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

static bool is_blank(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\n\v\f\r", text.data[i]))
			return false;
	return true;
}

static int read_code(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice code;
	int rc = json_get_text(value, path, &code, err);

	if (rc < 0)
		return rc;
	if (slice_has_nul(code))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' has a NUL character.", path);
	if (is_blank(code))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' is empty.", path);
	if (count_characters(code) > CODE_CHARACTERS_MAX)
		return err_limit(err, ERR_LIMIT_EXCEEDED, path, CODE_CHARACTERS_MAX,
				 "'%s' has more than %u characters.", path, CODE_CHARACTERS_MAX);
	return draft_set_code(ctx, code, path, err);
}

static int read_timeout(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return draft_read_limit(ctx, LIMIT_wall_time_ms, value, 1000, path, err);
}

static int read_library(struct yyjson_val *value, const char *path, void *ctx _unused_, struct err *err)
{
	struct slice name;

	return json_get_text(value, path, &name, err);
}

/* Nothing is installed: what the image has can be imported, and an import of what it lacks says so. */
static int read_libraries(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_array_read(value, path, 100, read_library, ctx, err);
}

static const struct json_field request_fields[] = {
    {"lang", true, read_lang},
    {"code", true, read_code},
    {"timeout", false, read_timeout},
    {"libraries", false, read_libraries},
    JSON_IGNORE_OTHERS,
};

static int relaxai_decode(const struct api_context *api, const struct api_request *request,
			  struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	struct draft draft = {.api = api, .arena = arena};
	struct relaxai_data *data = arena_new(arena, struct relaxai_data);

	if (!data)
		return draft_no_memory(err);
	int rc = json_object_read(request->body, "", request_fields, ARRAY_LEN(request_fields),
				  &draft, err);
	if (rc == 0)
		rc = draft_complete(&draft, err);
	if (rc < 0)
		return rc;
	draft_let_compute(&draft);
	data->looked_at = guard_looks(api->config, &dialect_relaxai);
	draft.spec.scan.as_text = true;
	draft.spec.artifacts = true;
	draft.spec.dialect_data = data;
	*ret_spec = draft.spec;
	return 0;
}

/* --- results --- */

/* What ended a run that did not end by itself, in their words; NULL: it did. */
static const char *failure_of(const struct job_result *result)
{
	static const char *const failures[RUN_STATUS_COUNT] = {
	    [RUN_STATUS_WALL_TIMEOUT] = "Execution failed: Execution timeout exceeded",
	    [RUN_STATUS_CPU_TIMEOUT] = "Execution failed: Execution timeout exceeded",
	    [RUN_STATUS_MEMORY_LIMIT] = "Execution failed: Memory limit exceeded",
	    [RUN_STATUS_OUTPUT_LIMIT] = "Execution failed: Output limit exceeded",
	};

	if (result->violations.count)
		return "Security violations detected";
	if (!result->run.started)
		return "Execution failed: The program could not be started";
	return failures[result->status];
}

static int exit_code_of(const struct stage_result *run, bool failed)
{
	if (failed)
		return EXIT_FAILED;
	return run->has_exit_code ? run->exit_code : EXIT_SIGNAL_BASE + run->signal;
}

static bool is_plot(struct slice name)
{
	static const struct slice begin = SLICE_LITERAL(COLLECT_DIR "/plot_"), end = SLICE_LITERAL(".png");

	return name.len > begin.len + end.len && memcmp(name.data, begin.data, begin.len) == 0 &&
	       memcmp(name.data + name.len - end.len, end.data, end.len) == 0 &&
	       !memchr(name.data + begin.len, '/', name.len - begin.len);
}

static void put_plot(struct json_writer *w, const struct collected_file *file)
{
	size_t directory = sizeof(COLLECT_DIR);

	json_object_open(w, NULL);
	json_put_base64(w, "content_base64", file->data);
	json_put_text(w, "format", "png");
	json_put_bytes(w, "filename",
		       (struct slice){file->name.data + directory, file->name.len - directory});
	json_object_close(w);
}

static void put_lists(struct json_writer *w, const struct job_result *result)
{
	const struct collected *files = &result->artifacts;

	json_array_open(w, "violations");
	for (size_t i = 0; i < result->violations.count; i++)
		json_put_bytes(w, NULL, result->violations.list[i]);
	json_array_close(w);
	json_array_open(w, "plots");
	for (size_t i = 0; i < files->count; i++)
		if (files->files[i].skip == COLLECT_TAKEN && is_plot(files->files[i].name))
			put_plot(w, &files->files[i]);
	json_array_close(w);
}

static int relaxai_encode_result(struct buf *out, const struct job_spec *spec,
				 const struct job_result *result)
{
	const struct relaxai_data *data = spec->dialect_data;
	const char *failure = failure_of(result);
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_bool(&w, "success", !failure);
	json_put_bytes(&w, "stdout", buf_slice(&result->run.out));
	json_put_bytes(&w, "stderr", failure ? slice_from(failure) : buf_slice(&result->run.err));
	json_put_i64(&w, "exit_code", exit_code_of(&result->run, failure));
	json_put_decimal(&w, "execution_time", result->run.wall_ns / NS_PER_US, 6);
	json_put_bool(&w, "security_checked", data->looked_at);
	put_lists(&w, result);
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

/* --- errors, as their other endpoints have them: those of OpenAI --- */

static const char *error_type(int status)
{
	static const struct {
		int status;
		const char *type;
	} types[] = {
	    {401, "authentication_error"}, {403, "permission_error"}, {404, "not_found_error"},
	    {429, "rate_limit_error"},
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].status == status)
			return types[i].type;
	return status < 500 ? "invalid_request_error" : "server_error";
}

static int relaxai_encode_error(struct buf *out, const struct err *err,
				const char *request_id _unused_)
{
	int status = err_status(err->code);
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_object_open(&w, "error");
	json_put_text(&w, "message", err->text[0] ? err->text : err_default_text(err->code));
	json_put_text(&w, "type", error_type(status));
	json_put_text(&w, "param", err->field[0] ? err->field : NULL);
	json_put_text(&w, "code", err_name(err->code));
	json_object_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	return status;
}

const struct dialect dialect_relaxai = {
    .name = "relaxai",
    .decode = relaxai_decode,
    .encode_result = relaxai_encode_result,
    .encode_error = relaxai_encode_error,
};
