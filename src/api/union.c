/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer that the clients of every format can read, for requests that any of them may have sent:
 * the native one and, under other names, what Riza's and RunTools' look for. Those that know one
 * name pass over the others.
 */
#include "api/grpc.h"
#include "api/names.h"
#include "api/native.h"
#include "api/stage.h"

static void put_code(struct json_writer *w, const struct stage_result *stage)
{
	stage_put_code(w, "code", stage);
	json_put_u64(w, "time_ms", stage->wall_ns / NS_PER_MS);
	json_put_u64(w, "memory_kb", stage->memory_peak_bytes / KIB);
}

static void put_run(struct json_writer *w, const struct job_spec *spec,
		    const struct stage_result *run)
{
	json_object_open(w, "run");
	native_put_output(w, "stdout", &run->out, spec->output_encoding);
	native_put_output(w, "stderr", &run->err, spec->output_encoding);
	stage_put_signal(w, run);
	put_code(w, run);
	json_object_close(w);
}

int union_encode_result(struct buf *out, const struct job_spec *spec,
			const struct job_result *result)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	native_put_result(&w, spec, result);
	json_put_u64(&w, "duration", result->run.wall_ns / NS_PER_MS);
	json_put_text(&w, "session_id", result->session.present ? result->session.id : NULL);
	put_run(&w, spec, stage_last(result));
	if (result->compile.present) {
		json_object_open(&w, "compile");
		native_put_compile(&w, spec, &result->compile);
		put_code(&w, &result->compile);
		json_object_close(&w);
	}
	native_put_rest(&w, spec, result);
	json_object_close(&w);
	json_writer_finish(&w);
	return 200;
}

int union_encode_error(struct buf *out, const struct err *err, const char *request_id)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_object_open(&w, "error");
	native_put_error(&w, err, request_id);
	json_put_text(&w, "requestId", request_id);
	json_object_close(&w);
	json_put_u64(&w, "code", grpc_code(err->code));
	json_put_text(&w, "message", err->text[0] ? err->text : err_default_text(err->code));
	json_object_close(&w);
	json_writer_finish(&w);
	return err_status(err->code);
}

/* RunTools' clients look for a language and its version: of the newest, as all of them are in versions. */
int union_encode_runtimes(struct buf *out, const struct api_context *api)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_array_open(&w, NULL);
	for (unsigned i = 0; i < api->runtimes->count; i++) {
		const struct runtime *runtime = &api->runtimes->runtimes[i];
		json_object_open(&w, NULL);
		native_put_runtime(&w, api, runtime);
		json_put_text(&w, "language", names_theirs(runtime));
		json_put_text(&w, "version",
			      runtime->version_count ? runtime->versions[0].version : NULL);
		json_object_close(&w);
	}
	json_array_close(&w);
	json_writer_finish(&w);
	return 200;
}
