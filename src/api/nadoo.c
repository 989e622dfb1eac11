/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nadoo: POST /api/v1/execute. A service made with FastAPI, whose ways with a wrong body are part
 * of the format (nadoo_check.c).
 */
#include "api/nadoo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

#include "api/draft.h"

/* --- languages --- */

static const char *const languages[] = {
    "python", "javascript", "typescript", "java", "go",	 "rust",
    "cpp",    "csharp",	    "ruby",	  "php",  "sql", "bash",
};

/* Their names are ours; theirs are in lower case only. */
const struct runtime *nadoo_runtime(const struct api_context *api, struct slice language)
{
	const struct runtime *runtime = NULL;

	for (size_t i = 0; !runtime && i < ARRAY_LEN(languages); i++)
		if (slice_equal(language, slice_from(languages[i])))
			runtime = runtime_find(api->runtimes, language.data, language.len);
	return runtime && runtime->version_count ? runtime : NULL;
}

static bool is_here(const struct api_context *api, const char *language)
{
	return nadoo_runtime(api, slice_from(language)) != NULL;
}

unsigned nadoo_count_languages(const struct api_context *api)
{
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		count += is_here(api, languages[i]);
	return count;
}

void nadoo_put_languages(struct json_writer *w, const char *key, const struct api_context *api)
{
	json_array_open(w, key);
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if (is_here(api, languages[i]))
			json_put_text(w, NULL, languages[i]);
	json_array_close(w);
}

/* named: with those that there are. Their async has no list. */
static int unsupported_language(const struct api_context *api, struct slice language, bool named,
				struct err *err)
{
	char list[160] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if (is_here(api, languages[i]))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 used ? ", " : "", languages[i]);
	return err_field(err, ERR_UNKNOWN_LANGUAGE, "language", "Unsupported language: %.*s%s%s",
			 (int)MIN_OF(language.len, (size_t)100), language.data,
			 named ? ". Supported languages: " : "", named ? list : "");
}

/* --- requests --- */

static int read_language(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct nadoo_data *data = draft->more;

	data->language = json_text(value);
	if (!nadoo_runtime(draft->api, data->language))
		return unsupported_language(draft->api, data->language, !data->later, err);
	return draft_set_language(draft, data->language, path, err);
}

static int read_session(struct yyjson_val *value, const char *path _unused_, void *ctx,
			struct err *err _unused_)
{
	struct nadoo_data *data = ((struct draft *)ctx)->more;

	data->session_id = json_text(value);
	return 0;
}

/* One that nadoo_check let pass: see is_number_text. */
static double seconds_of(struct yyjson_val *value)
{
	if (yyjson_is_str(value))
		return strtod(yyjson_get_str(value), NULL);
	return yyjson_is_bool(value) ? yyjson_get_bool(value) : yyjson_get_num(value);
}

static void set_seconds(struct draft *draft, uint64_t seconds)
{
	struct job_limits *limits = &draft->spec.limits;
	struct limit_range cpu = limit_range_of(LIMIT_cpu_time_ms, draft->api, draft->spec.runtime);

	limits->wall_time_ms = seconds * 1000;
	/* the format knows one time: what may wait so long may also work so long */
	limits->cpu_time_ms = MAX_OF(limits->cpu_time_ms, MIN_OF(limits->wall_time_ms, cpu.most));
}

/* 0 is none, as in Python. Above the maximum is refused: a run that ends sooner than told is worse.
 */
static int read_timeout(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	uint64_t most =
	    limit_range_of(LIMIT_wall_time_ms, draft->api, draft->spec.runtime).most / 1000;
	double seconds = seconds_of(value);

	if (seconds < 0)
		return err_field(err, ERR_BAD_REQUEST, path, "%s must not be negative", path);
	if (seconds > (double)most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
				 "%s must be at most %" PRIu64 " seconds", path, most);
	if (seconds > 0)
		set_seconds(draft, (uint64_t)seconds);
	return 0;
}

static const struct json_field request_fields[] = {
    {"language", true, read_language},
    {"code", true, draft_read_code},
    {"stdin", false, draft_read_stdin},
    {"environment", false, draft_read_env},
    {"timeout", false, read_timeout},
    {"session_id", false, read_session},
    JSON_IGNORE_OTHERS,
};

#define SOURCE_TIMEOUT_S 60 /* the default in their source; documented are 30 */

static int read_request(struct draft *draft, struct yyjson_val *body, bool as_source,
			struct err *err)
{
	int rc = json_object_read(body, "", request_fields, ARRAY_LEN(request_fields), draft, err);

	if (rc == 0 && as_source && !json_at(body, "/timeout"))
		set_seconds(
		    draft,
		    MIN_OF(
			SOURCE_TIMEOUT_S,
			limit_range_of(LIMIT_wall_time_ms, draft->api, draft->spec.runtime).most /
			    1000));
	return rc < 0 ? rc : draft_complete(draft, err);
}

static int nadoo_decode(const struct api_context *api, const struct api_request *request,
			struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	struct draft draft = {.api = api, .arena = arena};
	struct nadoo_data *data = arena_new(arena, struct nadoo_data);
	bool as_source = strcmp(api->config->nadoo_timeouts, "source") == 0;

	if (!data)
		return draft_no_memory(err);
	if (nadoo_check(request->body, false, NULL))
		return err_set(err, ERR_INVALID_FIELD, "%s", err_default_text(ERR_INVALID_FIELD));
	data->timeout_is_error = !as_source;
	data->later = slice_equal(request->path, SLICE_LITERAL("/api/v1/execute/async"));
	draft.more = data;
	int rc = read_request(&draft, request->body, as_source, err);
	if (rc < 0)
		return rc;
	draft.spec.dialect_data = data;
	*ret_spec = draft.spec;
	return 0;
}

/* --- results --- */

static unsigned digit_of(char c)
{
	static const char base32[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* of base/id.c */
	const char *at = c ? strchr(base32, c) : NULL;

	return at ? (unsigned)(at - base32) : 0;
}

/* RFC 9562, 5.4: six of the bits say that it is random, version 4. */
void nadoo_id(char out[static NADOO_ID_BYTES], const char *id)
{
	const char *symbols = strchr(id, '_');
	unsigned __int128 value = 0;

	for (const char *at = symbols ? symbols + 1 : ""; *at; at++)
		value = value << 5 | digit_of(*at);
	uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
	high = (high & ~0xf000ull) | 0x4000;
	low = (low & ~(3ull << 62)) | 1ull << 63;
	snprintf(out, NADOO_ID_BYTES,
		 "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64, high >> 32,
		 high >> 16 & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffff);
}

bool nadoo_timed_out(const struct job_result *result)
{
	return result->status == RUN_STATUS_WALL_TIMEOUT ||
	       result->status == RUN_STATUS_CPU_TIMEOUT ||
	       result->status == RUN_STATUS_COMPILE_TIMEOUT;
}

/* As a shell in their container says it. */
static int exit_code_of(const struct stage_result *stage)
{
	if (stage->has_exit_code)
		return stage->exit_code;
	return stage->signal ? 128 + stage->signal : -1;
}

static void put_about(struct json_writer *w, uint64_t ns, const struct nadoo_data *data)
{
	json_put_decimal(w, "execution_time", ns / NS_PER_US, 6);
	json_put_bytes(w, "language", data ? data->language : (struct slice){0});
	if (data && data->session_id.data)
		json_put_bytes(w, "session_id", data->session_id);
	else
		json_put_null(w, "session_id");
}

static void put_id(struct json_writer *w, const char *id)
{
	char uuid[NADOO_ID_BYTES];

	nadoo_id(uuid, id);
	json_put_text(w, "execution_id", uuid);
}

static void put_output(struct json_writer *w, const struct stage_result *stage)
{
	json_put_bytes(w, "stdout", buf_slice(&stage->out));
	if (stage->started || stage->err.len)
		json_put_bytes(w, "stderr", buf_slice(&stage->err));
	else
		json_put_text(w, "stderr", stage->note);
	json_put_i64(w, "exit_code", exit_code_of(stage));
}

static void put_no_output(struct json_writer *w, const char *why)
{
	json_put_text(w, "stdout", "");
	json_put_text(w, "stderr", why);
	json_put_i64(w, "exit_code", -1);
}

void nadoo_put_result(struct json_writer *w, const struct job_spec *spec,
		      const struct job_result *result)
{
	const struct stage_result *compile = &result->compile;
	bool compiled = !compile->present || compile->status == RUN_STATUS_OK;
	uint64_t compile_ns = compile->present && !compile->cached ? compile->wall_ns : 0;

	json_object_open(w, NULL);
	put_id(w, result->id);
	if (nadoo_timed_out(result))
		put_no_output(w, "Execution timeout exceeded");
	else
		put_output(w, compiled ? &result->run : compile);
	put_about(w, compile_ns + result->run.wall_ns, spec->dialect_data);
	json_object_close(w);
}

void nadoo_put_failure(struct json_writer *w, const char *id, const struct nadoo_data *data,
		       const struct err *err)
{
	json_object_open(w, NULL);
	put_id(w, id);
	put_no_output(w, err->text[0] ? err->text : err_default_text(err->code));
	put_about(w, 0, data);
	json_object_close(w);
}

void nadoo_put_time(struct json_writer *w, const char *key, uint64_t wall_ms)
{
	if (wall_ms)
		json_put_instant(w, key, wall_ms, "000Z"); /* as Python writes microseconds */
	else
		json_put_null(w, key);
}

static int put_detail(struct buf *out, int status, const char *text)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "detail", text);
	json_object_close(&w);
	json_writer_finish(&w);
	return status;
}

static int nadoo_encode_result(struct buf *out, const struct job_spec *spec,
			       const struct job_result *result)
{
	const struct nadoo_data *data = spec->dialect_data;
	struct json_writer w;

	if (nadoo_timed_out(result) && data->timeout_is_error)
		return put_detail(out, 500, "Execution failed: container timeout");
	json_writer_init(&w, out);
	nadoo_put_result(&w, spec, result);
	json_writer_finish(&w);
	return 200;
}

/* --- errors --- */

static const struct {
	enum err_code code;
	int status;
	const char *detail;
} details[] = {
    {ERR_NO_KEY, 401, "API key is required"},
    {ERR_UNAUTHENTICATED, 403, "Invalid API key"},
    {ERR_NOT_FOUND, 404, "Not Found"},
    {ERR_METHOD_NOT_ALLOWED, 405, "Method Not Allowed"},
    {ERR_RATE_LIMITED, 429, "Rate limit exceeded. Please try again later."},
};

static int nadoo_encode_error(struct buf *out, const struct err *err,
			      const char *request_id _unused_)
{
	int status = err_status(err->code);
	const char *text = err->text[0] ? err->text : err_default_text(err->code);
	char failed[sizeof(err->text) + 24];

	for (size_t i = 0; i < ARRAY_LEN(details); i++)
		if (err->code == (int)details[i].code &&
		    (status != 404 || strcmp(text, err_default_text(err->code)) == 0))
			return put_detail(out, details[i].status, details[i].detail);
	if (status == 500) {
		snprintf(failed, sizeof(failed), "Execution failed: %s", text);
		text = failed;
	}
	return put_detail(out, status, text);
}

/* What json.loads says of the text; where only our parser refuses it, what that says. */
static void put_json_error(struct json_writer *w, struct slice text, const struct err *err)
{
	const char *words = err->text;
	size_t at = 0;

	python_json_error(text, &at, &words);
	json_object_open(w, NULL);
	json_put_text(w, "type", "json_invalid");
	json_array_open(w, "loc");
	json_put_text(w, NULL, "body");
	json_put_u64(w, NULL, at);
	json_array_close(w);
	json_put_text(w, "msg", "JSON decode error");
	json_object_open(w, "input");
	json_object_close(w);
	json_object_open(w, "ctx");
	json_put_text(w, "error", words);
	json_object_close(w);
	json_object_close(w);
}

/* FastAPI decodes before it parses, and says no more than this when that fails. */
static int refuse_encoding(struct buf *out)
{
	return put_detail(out, 400, "There was an error parsing the body");
}

/* A batch goes to an address of its own, a request to another: the body's type does not decide. */
static int nadoo_encode_refusal(struct buf *out, const struct api_request *request,
				const struct err *err)
{
	static const struct slice end = SLICE_LITERAL("/batch");
	bool batch =
	    request->path.len > end.len &&
	    memcmp(request->path.data + request->path.len - end.len, end.data, end.len) == 0;
	struct json_writer w;

	if (err_status(err->code) >= 500)
		return nadoo_encode_error(out, err, "");
	if (err->code == ERR_INVALID_JSON && !json_utf8_valid(request->text))
		return refuse_encoding(out);
	if (err->code != ERR_INVALID_JSON && !nadoo_check(request->body, batch, NULL))
		return nadoo_encode_error(out, err, "");
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_array_open(&w, "detail");
	if (err->code == ERR_INVALID_JSON && request->text.len)
		put_json_error(&w, request->text, err);
	else
		nadoo_check(request->body, batch, &w);
	json_array_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	return 422;
}

static int nadoo_encode_runtimes(struct buf *out, const struct api_context *api)
{
	struct json_writer w;

	json_writer_init(&w, out);
	nadoo_put_languages(&w, NULL, api);
	json_writer_finish(&w);
	return 200;
}

const struct dialect dialect_nadoo = {
    .name = "nadoo",
    .any_media_type = true,
    .challenge = "ApiKey",
    .decode = nadoo_decode,
    .encode_result = nadoo_encode_result,
    .encode_error = nadoo_encode_error,
    .encode_refusal = nadoo_encode_refusal,
    .encode_runtimes = nadoo_encode_runtimes,
};
