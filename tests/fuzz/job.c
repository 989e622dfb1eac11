/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as the body of POST /v1/execute. Whatever comes out must keep the promises that the engine
 * and the jail rely on, and whatever is said about it must be JSON. The same bytes are then the
 * output of a program in an answer.
 */
#include "insist.h"
#include "json/json.h"
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

static void check_answer(const struct job_spec *spec, const uint8_t *data, size_t size)
{
	struct job_result result = {
	    .id = "exe_1", .status = RUN_STATUS_OK, .run = {.present = true}};
	_buf_finish_ struct buf out;

	buf_init(&result.run.out, SIZE_MAX / 2);
	insist(buf_append(&result.run.out, data, size) == 0, "memory");
	buf_init(&out, SIZE_MAX / 2);
	dialect_native.encode_result(&out, spec, &result);
	promises_check_json(buf_slice(&out), "a result is JSON");
	buf_finish(&result.run.out);
}

static void decode_as(const struct key_limits *key, const uint8_t *data, size_t size)
{
	const struct api_context api = {
	    .config = &world_config, .runtimes = &world_runtimes, .key = key};
	struct arena *arena = arena_create(ARENA_BYTES);
	struct job_spec spec;
	struct err err = {0};
	int rc = world_decode(&dialect_native, &api, (struct slice){(const char *)data, size},
			      arena, &spec, &err);

	if (rc < 0) {
		check_error(rc, &err);
	} else {
		promises_check(&spec, key, 0);
		check_answer(&spec, data, size);
	}
	arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct key_limits key = {.wall_time_ms = 1000, .memory_bytes = 32 * MIB};

	promises_shrink_world();
	decode_as(NULL, data, size);
	decode_as(&key, data, size);
	return 0;
}
