/* SPDX-License-Identifier: Apache-2.0 */
/* What the native dialect says: results, errors, runtimes. The order of fields never changes. */
#include "api/limit.h"
#include "api/media_type.h"
#include "api/native.h"
#include "api/session.h"
#include "api/stage.h"
#include "api/target.h"
#include "json/json.h"

/* --- results --- */

void native_put_output(struct json_writer *w, const char *key, const struct buf *bytes,
		       enum output_encoding encoding)
{
	if (encoding == OUTPUT_BASE64)
		json_put_base64(w, key, buf_slice(bytes));
	else
		json_put_bytes(w, key, buf_slice(bytes));
}

/* How a stage ended. One that did not happen has empty strings, nulls and zeros. */
static void put_outcome(struct json_writer *w, const struct stage_result *stage,
			enum output_encoding encoding)
{
	native_put_output(w, "stdout", &stage->out, encoding);
	native_put_output(w, "stderr", &stage->err, encoding);
	stage_put_code(w, "exit_code", stage);
	stage_put_signal(w, stage);
	json_put_bool(w, "started", stage->started);
	json_put_bool(w, "stdout_truncated", stage->out_truncated);
	json_put_bool(w, "stderr_truncated", stage->err_truncated);
}

/* What it took, and a word about it if there is one. */
static void put_cost(struct json_writer *w, const struct stage_result *stage)
{
	json_put_ms(w, "wall_time_ms", stage->wall_ns);
	json_put_ms(w, "cpu_time_ms", stage->cpu_ns);
	json_put_u64(w, "memory_peak_bytes", stage->memory_peak_bytes);
	if (stage->note[0])
		json_put_text(w, "message", stage->note);
}

void native_put_compile(struct json_writer *w, const struct job_spec *spec,
			const struct stage_result *compile)
{
	json_put_text(w, "status", run_status_name(compile->status));
	json_put_bool(w, "cached", compile->cached);
	put_outcome(w, compile, spec->output_encoding);
	put_cost(w, compile);
}

void native_put_result(struct json_writer *w, const struct job_spec *spec,
		       const struct job_result *result)
{
	json_put_text(w, "id", result->id);
	json_put_text(w, "language", spec->runtime->id);
	json_put_text(w, "version", spec->version->version);
	json_put_text(w, "engine", engine_names[spec->engine]);
	json_put_text(w, "status", run_status_name(result->status));
	put_outcome(w, &result->run, spec->output_encoding);
	json_put_text(w, "output_encoding",
		      spec->output_encoding == OUTPUT_BASE64 ? "base64" : "text");
	put_cost(w, &result->run);
}

static void put_session(struct json_writer *w, const struct job_result *result)
{
	const struct session_outcome *session = &result->session;

	if (!session->present)
		return;
	json_object_open(w, "session");
	json_put_text(w, "id", session->id);
	json_put_bool(w, "created", session->created);
	json_put_bool(w, "kept", session->kept);
	if (session->why)
		json_put_text(w, "message", session->why);
	json_put_u64(w, "skipped", session->skipped);
	json_put_time(w, "expires_at", session->expires_ms);
	json_object_close(w);
}

/* --- files that come back --- */

void native_put_file(struct json_writer *w, const struct collected_file *file)
{
	json_put_bytes(w, "name", file->name);
	json_put_text(w, "media_type", media_type_of(file->name));
	json_put_text(w, "encoding", "base64");
	json_put_u64(w, "size_bytes", file->data.len);
	json_put_base64(w, "content", file->data);
}

static void put_artifact(struct json_writer *w, const struct collected_file *file)
{
	json_object_open(w, NULL);
	native_put_file(w, file);
	json_object_close(w);
}

static void put_skipped(struct json_writer *w, const struct collected_file *file)
{
	json_object_open(w, NULL);
	json_put_bytes(w, "name", file->name);
	json_put_text(w, "reason", collect_skip_name(file->skip));
	json_object_close(w);
}

static void put_artifacts(struct json_writer *w, const struct job_spec *spec,
			  const struct job_result *result)
{
	const struct collected *collected = &result->artifacts;

	if (!spec->artifacts && !spec->output_file_count)
		return;
	json_array_open(w, "artifacts");
	for (size_t i = 0; i < collected->count; i++)
		if (collected->files[i].skip == COLLECT_TAKEN)
			put_artifact(w, &collected->files[i]);
	json_array_close(w);
	json_array_open(w, "artifacts_skipped");
	for (size_t i = 0; i < collected->count; i++)
		if (collected->files[i].skip != COLLECT_TAKEN)
			put_skipped(w, &collected->files[i]);
	json_array_close(w);
	json_put_u64(w, "artifacts_skipped_count", collected->skipped);
	json_put_bool(w, "artifacts_complete", result->collected && collected->skipped == 0);
}

/* --- values --- */

/* The code's own word for it, which need not be JSON. */
static void put_json(struct json_writer *w, const char *key, struct slice text)
{
	struct yyjson_doc *doc = NULL;
	struct err err;

	if (json_parse(&doc, text, &err) == 0)
		json_put_json(w, key, text);
	else
		json_put_null(w, key);
	json_free(doc);
}

static void put_form(struct json_writer *w, const struct resident_part *part)
{
	static const struct {
		const char *key;
		void (*put)(struct json_writer *w, const char *key, struct slice data);
	} forms[RESIDENT_FORMS] = {
	    [RESIDENT_FORM_TEXT] = {"text", json_put_bytes},
	    [RESIDENT_FORM_HTML] = {"html", json_put_bytes},
	    [RESIDENT_FORM_JSON] = {"json", put_json},
	    [RESIDENT_FORM_PNG] = {"png", json_put_base64},
	};

	forms[part->form].put(w, forms[part->form].key, part->data);
}

/* All forms of the value that part i begins; a form that comes twice is put once. Returns where the next begins. */
static unsigned put_value(struct json_writer *w, const char *key, const struct resident_frame *frame, unsigned i)
{
	unsigned value = frame->parts[i].value, seen = 0;

	json_object_open(w, key);
	for (; i < frame->count && frame->parts[i].value == value; i++) {
		if (!(seen >> frame->parts[i].form & 1))
			put_form(w, &frame->parts[i]);
		seen |= 1u << frame->parts[i].form;
	}
	json_object_close(w);
	return i;
}

static void put_values(struct json_writer *w, const struct resident_frame *frame)
{
	unsigned i = 0;

	if (frame->count && frame->parts[0].value == 0)
		i = put_value(w, "result", frame, 0);
	else
		json_put_null(w, "result");
	json_array_open(w, "displays");
	while (i < frame->count)
		i = put_value(w, NULL, frame, i);
	json_array_close(w);
}

static void put_resident(struct json_writer *w, const struct resident_result *resident)
{
	static const struct resident_frame none;

	if (!resident->present)
		return;
	put_values(w, resident->answer ? &resident->answer->frame : &none);
	json_put_text(w, "state", resident->kept ? "kept" : "lost");
	json_put_bool(w, "state_new", resident->fresh);
	json_put_text(w, "state_lost", resident->why_lost);
}

void native_put_rest(struct json_writer *w, const struct job_spec *spec, const struct job_result *result)
{
	put_artifacts(w, spec, result);
	put_session(w, result);
	put_resident(w, &result->resident);
}

int native_encode_result(struct buf *out, const struct job_spec *spec,
			 const struct job_result *result)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	native_put_result(&w, spec, result);
	if (result->compile.present) {
		json_object_open(&w, "compile");
		native_put_compile(&w, spec, &result->compile);
		json_object_close(&w);
	}
	native_put_rest(&w, spec, result);
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

/* --- errors --- */

void native_put_reason(struct json_writer *w, const struct err *err)
{
	json_object_open(w, "error");
	json_put_text(w, "code", err_name(err->code));
	json_put_text(w, "message", err->text[0] ? err->text : err_default_text(err->code));
	json_put_bool(w, "retryable", err_retryable(err->code));
	json_object_close(w);
}

void native_put_error(struct json_writer *w, const struct err *err, const char *request_id)
{
	json_put_text(w, "code", err_name(err->code));
	json_put_text(w, "message", err->text[0] ? err->text : err_default_text(err->code));
	if (err->field[0])
		json_put_text(w, "field", err->field);
	if (err->has_limit)
		json_put_u64(w, "limit", err->limit);
	json_put_bool(w, "retryable", err_retryable(err->code));
	json_put_text(w, "request_id", request_id);
}

int native_encode_error(struct buf *out, const struct err *err, const char *request_id)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_object_open(&w, "error");
	native_put_error(&w, err, request_id);
	json_object_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	return err_status(err->code);
}

/* --- runtimes --- */

static void put_list(struct json_writer *w, const char *key, char *const *list, unsigned count)
{
	json_array_open(w, key);
	for (unsigned i = 0; i < count; i++)
		json_put_text(w, NULL, list[i]);
	json_array_close(w);
}

static void put_versions(struct json_writer *w, const struct runtime *runtime)
{
	json_array_open(w, "versions");
	for (unsigned i = 0; i < runtime->version_count; i++) {
		const struct runtime_version *v = &runtime->versions[i];
		json_object_open(w, NULL);
		json_put_text(w, "version", v->version);
		if (v->provider)
			json_put_text(w, "provider", v->provider);
		json_put_text(w, "image", v->image);
		put_list(w, "flags", v->flags, v->flag_count);
		put_list(w, "packages", v->packages, v->package_count);
		json_object_close(w);
	}
	json_array_close(w);
}

static void put_engines(struct json_writer *w, const struct runtime *runtime)
{
	json_array_open(w, "engines");
	if (runtime->engines & RUNTIME_NATIVE)
		json_put_text(w, NULL, engine_names[ENGINE_NATIVE]);
	if (runtime->engines & RUNTIME_WASM)
		json_put_text(w, NULL, engine_names[ENGINE_WASM]);
	json_array_close(w);
}

static void put_limits(struct json_writer *w, const struct api_context *api,
		       const struct runtime *runtime)
{
	json_object_open(w, "limits");
	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		struct limit_range range = limit_range_of(i, api, runtime);

		json_object_open(w, limit_name(i));
		json_put_u64(w, "minimum", range.least);
		json_put_u64(w, "default", range.preset);
		json_put_u64(w, "maximum", range.most);
		json_object_close(w);
	}
	json_object_close(w);
}

void native_put_runtime(struct json_writer *w, const struct api_context *api,
			const struct runtime *runtime)
{
	json_put_text(w, "id", runtime->id);
	json_put_text(w, "name", runtime->name);
	put_list(w, "aliases", runtime->aliases, runtime->alias_count);
	put_versions(w, runtime);
	json_put_bool(w, "compiled", runtime->artefact != NULL);
	put_engines(w, runtime);
	json_put_text(w, "file_name", runtime->file_name);
	put_limits(w, api, runtime);
	json_object_open(w, "hello");
	json_put_text(w, "code", runtime->hello_code);
	json_put_text(w, "output", runtime->hello_output);
	json_object_close(w);
}

int native_encode_runtimes(struct buf *out, const struct api_context *api)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_array_open(&w, NULL);
	for (unsigned i = 0; i < api->runtimes->count; i++) {
		json_object_open(&w, NULL);
		native_put_runtime(&w, api, &api->runtimes->runtimes[i]);
		json_object_close(&w);
	}
	json_array_close(&w);
	json_writer_finish(&w);
	return 200;
}
