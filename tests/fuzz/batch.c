/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as the body of POST /v1/batch. Every test that comes out must keep the promises of any job,
 * a checker has a place for the files of a test, and whatever is said is JSON.
 */
#include "api/batch.h"
#include "insist.h"
#include "promises.h"
#include "world.h"

#define ARENA_BYTES (64 * MIB)

static void check_error(int rc, const struct err *err)
{
	_buf_finish_ struct buf out;

	insist(err->code == -rc && err_status(rc) == 400 && err->text[0],
	       "a bad request is a 400 with a reason");
	buf_init(&out, MIB);
	dialect_native.encode_error(&out, err, "req_1");
	promises_check_json(buf_slice(&out), "an error is JSON");
}

static void check_helper(const struct batch_helper *helper)
{
	static const char *const names[BATCH_FILES] = {"input", "output", "expected"};
	const struct job_spec *spec = &helper->spec;

	if (!helper->present)
		return;
	insist(spec->file_count > BATCH_FILES && spec->entry < spec->file_count - BATCH_FILES,
	       "a program is in front of its files");
	for (size_t i = 0; i < BATCH_FILES; i++) {
		insist(slice_equal(spec->files[spec->file_count - BATCH_FILES + i].name,
				   slice_from(names[i])),
		       "the last files are the test's");
		insist(slice_equal(spec->args[i], slice_from(names[i])),
		       "the first arguments name them");
	}
}

static void check_answer(const struct batch_request *request, struct slice data)
{
	struct batch_result *results = calloc(request->count, sizeof(*results));
	struct batch_summary summary = {.id = "bat_1"};
	_buf_finish_ struct buf out;
	struct json_writer w;

	insist(results, "memory");
	buf_init(&out, SIZE_MAX / 2);
	json_writer_init(&w, &out);
	json_object_open(&w, NULL);
	batch_put_head(&w, request, &summary);
	batch_put_totals(&w, request, results, &summary);
	json_array_open(&w, "tests");
	for (size_t i = 0; i < request->count; i++) {
		struct opinion *opinion = &results[i].opinion;
		results[i].has_opinion = true;
		opinion->message_len = MIN_OF(data.len, sizeof(opinion->message));
		memcpy(opinion->message, data.data, opinion->message_len);
		json_object_open(&w, NULL);
		batch_put_result(&w, request, i, &results[i]);
		json_object_close(&w);
	}
	json_array_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	promises_check_json(buf_slice(&out), "an answer is JSON");
	free(results);
}

static void decode_as(const struct key_limits *key, struct slice body)
{
	const struct api_context api = {
	    .config = &world_config, .runtimes = &world_runtimes, .key = key};
	struct arena *arena = arena_create(ARENA_BYTES);
	struct yyjson_doc *doc = NULL;
	struct batch_request request;
	struct err err = {0};
	int rc = json_parse(&doc, body, &err);

	if (rc == 0)
		rc = batch_decode(&api, json_root(doc), arena, &request, &err);
	if (rc < 0) {
		check_error(rc, &err);
	} else {
		insist(request.count > 0 && request.count <= world_config.batch_tests_max, "tests");
		for (size_t i = 0; i < request.count; i++)
			promises_check(&request.tests[i].spec, key, 0);
		check_helper(&request.checker);
		check_helper(&request.interactor);
		check_answer(&request, body);
	}
	json_free(doc);
	arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct key_limits key = {.wall_time_ms = 1000, .memory_bytes = 32 * MIB};
	struct slice body = {(const char *)data, size};

	promises_shrink_world();
	world_config.batch_tests_max = 5;
	decode_as(NULL, body);
	decode_as(&key, body);
	return 0;
}
