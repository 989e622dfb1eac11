/* SPDX-License-Identifier: Apache-2.0 */
/* What Riza's clients read. An exit code is always a number there: what has none gets a shell's. */
#include <stdio.h>
#include <time.h>

#include "api/grpc.h"
#include "api/riza.h"
#include "api/stage.h"

#define EXIT_TIME   124 /* as timeout(1) */
#define EXIT_SIGNAL 128 /* and the signal's number, as sh(1) */
#define EXIT_KILLED (EXIT_SIGNAL + 9)

static int exit_code_of(const struct stage_result *stage)
{
	if (stage_timed_out(stage))
		return EXIT_TIME;
	if (stage->has_exit_code)
		return stage->exit_code;
	return stage->signal ? EXIT_SIGNAL + stage->signal : EXIT_KILLED;
}

/* A program that could not be compiled is one that failed: what its compiler said is its answer. */
static const struct stage_result *shown_stage(const struct job_result *result)
{
	const struct stage_result *compile = &result->compile;

	return compile->present && compile->status != RUN_STATUS_OK ? compile : &result->run;
}

static void put_execution(struct json_writer *w, const struct job_result *result)
{
	const struct stage_result *stage = shown_stage(result);

	json_put_text(w, "id", result->id);
	json_put_i64(w, "exit_code", exit_code_of(stage));
	json_put_bytes(w, "stdout", buf_slice(&stage->out));
	json_put_bytes(w, "stderr", buf_slice(&stage->err));
	json_put_u64(w, "duration", stage->wall_ns / NS_PER_MS);
}

/* --- what a function returned --- */

/* NULL: it did not come to an end. */
static const struct collected_file *find_output(const struct job_result *result)
{
	const struct collected *collected = &result->artifacts;

	for (size_t i = 0; i < collected->count; i++)
		if (collected->files[i].skip != COLLECT_MISSING &&
		    slice_equal(collected->files[i].name, SLICE_LITERAL(RIZA_OUTPUT_FILE)))
			return &collected->files[i];
	return NULL;
}

/* The file is the program's to write as it likes: only what is JSON goes on as JSON. */
static bool is_json(struct slice text)
{
	struct yyjson_doc *doc = NULL;
	bool good = text.len && json_parse(&doc, text, NULL) == 0;

	json_free(doc);
	return good;
}

static void put_output(struct json_writer *w, const struct job_result *result)
{
	const struct collected_file *file = find_output(result);
	bool valid = file && file->skip == COLLECT_TAKEN && is_json(file->data);

	if (valid)
		json_put_json(w, "output", file->data);
	else
		json_put_null(w, "output");
	json_put_text(w, "output_status",
		      valid  ? "valid"
		      : file ? "json_serialization_error"
			     : "error");
}

int riza_encode_result(struct buf *out, const struct job_spec *spec,
		       const struct job_result *result)
{
	const struct riza_run *run = spec->dialect_data;
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	if (run->kind == RIZA_SCRIPT) {
		put_execution(&w, result);
	} else {
		put_output(&w, result);
		json_object_open(&w, "execution");
		put_execution(&w, result);
		json_object_close(&w);
	}
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

int riza_encode_error(struct buf *out, const struct err *err, const char *request_id _unused_)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_u64(&w, "code", grpc_code(err->code));
	json_put_text(&w, "message",
		      err_status(err->code) == 401 ? "unauthenticated"
		      : err->text[0]		   ? err->text
						   : err_default_text(err->code));
	json_object_close(&w);
	json_writer_finish(&w);
	return err_status(err->code);
}

/* --- what is kept of a run --- */

#define DETAILS_BYTES_MAX MIB /* of the request and the answer; more is not kept */

static void put_moment(struct json_writer *w, const char *key, uint64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char text[40], day[24];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03uZ", day, (unsigned)(wall_ms % 1000)); /* RFC 3339 */
	json_put_text(w, key, text);
}

static void write_head(struct buf *out, const struct riza_run *run, const struct job_result *result)
{
	const struct stage_result *stage = shown_stage(result);
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", result->id);
	json_put_u64(&w, "duration", stage->wall_ns / NS_PER_MS);
	json_put_i64(&w, "exit_code", exit_code_of(stage));
	json_put_text(&w, "language", run->language->name);
	put_moment(&w, "started_at", clock_wall_ms() - stage->wall_ns / NS_PER_MS);
	json_object_close(&w);
	json_writer_finish(&w);
}

/* The request as it was sent: secrets are in it by their ids only. */
static void write_details(struct buf *out, const struct riza_run *run, struct slice request,
			  struct slice answer)
{
	static const char *const types[] = {
	    [RIZA_SCRIPT] = "script", [RIZA_FUNCTION] = "function", [RIZA_TOOL] = "tool"};
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "type", types[run->kind]);
	if (run->kind == RIZA_TOOL)
		json_put_bytes(&w, "tool_id", run->tool_id);
	json_put_json(&w, "request", request.len ? request : SLICE_LITERAL("{}"));
	json_put_json(&w, "response", answer);
	json_object_close(&w);
	if (w.rc < 0)
		out->len = 0;
}

bool riza_encode_record(struct buf *out, const struct api_request *request,
			const struct job_spec *spec, const struct job_result *result,
			struct slice answer, struct document *ret_document)
{
	const struct riza_run *run = spec->dialect_data;
	_buf_finish_ struct buf details;
	int rc = 0;

	buf_init(&details, 2 * DETAILS_BYTES_MAX);
	write_head(out, run, result);
	size_t head_len = out->len;
	if (request->text.len + answer.len <= DETAILS_BYTES_MAX)
		write_details(&details, run, request->text, answer);
	if (details.len)
		rc = buf_append(out, details.data, details.len);
	*ret_document = (struct document){
	    .kind = DOCUMENT_EXECUTION,
	    .mark = exit_code_of(shown_stage(result)),
	    .head = {out->data, head_len},
	    .body = {out->data + head_len, out->len - head_len},
	};
	snprintf(ret_document->id, sizeof(ret_document->id), "%s", result->id);
	return rc == 0 && head_len > 0;
}
