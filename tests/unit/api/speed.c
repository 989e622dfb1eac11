/* SPDX-License-Identifier: Apache-2.0 */
/* What decoding and encoding cost in CPU time: `meson test --benchmark`. Prints; judges nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "world.h"

#define OUTPUT_BYTES	 (10 * MIB)
#define ROUNDS_OF_DECODE 20000
#define ROUNDS_OF_OUTPUT 20

/* Of this process: other work on the machine does not count. */
static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static const char line[] =
    "    for index, item in enumerate(items): print(f\\\"{index}: {item!r}\\\")\\n";

/* A request of about so many bytes, most of it code with its escapes. */
static void make_request(struct buf *body, size_t bytes)
{
	buf_clear(body);
	buf_append_text(
	    body, "{\"language\":\"python\",\"version\":\"3\",\"args\":[\"--fast\",\"input.txt\"],"
		  "\"env\":{\"LANG\":\"C.UTF-8\",\"MODE\":\"test\"},\"stdin\":\"1 2 3\\n\","
		  "\"limits\":{\"wall_time_ms\":5000,\"memory_bytes\":268435456},\"code\":\"");
	while (body->len + sizeof(line) < bytes)
		buf_append_text(body, line);
	buf_append_text(body, "\"}");
}

static void time_decode(size_t bytes, unsigned rounds)
{
	const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
	_buf_finish_ struct buf body;
	struct job_spec spec;
	struct err err;

	buf_init(&body, 64 * MIB);
	make_request(&body, bytes);
	uint64_t started = cpu_ns();
	for (unsigned i = 0; i < rounds; i++) {
		struct arena *arena = arena_create(64 * MIB);
		if (world_decode(&dialect_native, &api, buf_slice(&body), arena, &spec, &err) < 0)
			abort();
		arena_destroy(arena);
	}
	double us = (double)(cpu_ns() - started) / 1000 / rounds;
	printf("decode %9zu bytes  %10.2f us  %8.0f MB/s\n", body.len, us, (double)body.len / us);
}

/* --- dialects: a request of 1 KiB in, an answer out --- */

static const struct {
	const char *name, *begin, *end;
} shapes[] = {
    {"native", "{\"language\":\"python\",\"stdin\":\"1 2 3\",\"env\":{\"A\":\"b\"},\"code\":\"", "\"}"},
    {"union", "{\"language\":\"python\",\"stdin\":\"1 2 3\",\"code\":\"", "\"}"},
    {"riza", "{\"language\":\"PYTHON\",\"stdin\":\"1 2 3\",\"env\":{\"A\":\"b\"},\"code\":\"", "\"}"},
    {"runtools2",
     "{\"language\":\"python\",\"stdin\":\"1 2 3\",\"run_timeout\":3000,"
     "\"files\":[{\"name\":\"main.py\",\"content\":\"",
     "\"}]}"},
    {"runtools1",
     "{\"runtime\":\"python\",\"stdin\":\"1 2 3\",\"timeout\":3000,\"env\":{\"A\":\"b\"},\"code\":\"",
     "\"}"},
    {"relaxai", "{\"lang\":\"python\",\"timeout\":30,\"code\":\"", "\"}"},
    {"piston",
     "{\"language\":\"python\",\"version\":\"*\",\"stdin\":\"1 2 3\",\"args\":[\"a\"],"
     "\"files\":[{\"content\":\"",
     "\"}]}"},
    {"nadoo",
     "{\"language\":\"python\",\"stdin\":\"1 2 3\",\"timeout\":30,\"session_id\":\"s\","
     "\"environment\":{\"A\":\"b\"},\"code\":\"",
     "\"}"},
};

static bool make_shape(struct buf *body, const char *name, size_t bytes)
{
	size_t i = 0;

	while (i < ARRAY_LEN(shapes) && strcmp(shapes[i].name, name) != 0)
		i++;
	if (i == ARRAY_LEN(shapes))
		return false;
	buf_clear(body);
	buf_append_text(body, shapes[i].begin);
	while (body->len + sizeof(line) < bytes)
		buf_append_text(body, line);
	buf_append_text(body, shapes[i].end);
	return true;
}

static void make_result(struct job_result *result)
{
	*result = (struct job_result){
	    .id = "exe_01m7wbc6vdcxaxpas2r8rps4d7",
	    .run = {.present = true, .started = true, .has_exit_code = true, .wall_ns = 12345678},
	};
	buf_init(&result->run.out, KIB);
	buf_init(&result->run.err, KIB);
	for (int i = 0; i < 8; i++)
		buf_append_text(&result->run.out, "A line of what the program wrote.\n");
}

/* Both ways, with the memory that each request takes and gives back. */
static void time_dialect(const struct dialect *dialect, struct slice body, struct buf *out)
{
	const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
	struct job_result result;
	struct job_spec spec;
	uint64_t decode = 0, encode = 0;
	struct err err;

	make_result(&result);
	for (unsigned i = 0; i < ROUNDS_OF_DECODE; i++) {
		uint64_t began = cpu_ns();
		struct arena *arena = arena_create(64 * MIB);
		if (world_decode(dialect, &api, body, arena, &spec, &err) < 0) {
			fprintf(stderr, "%s: %s\n", dialect->name, err.text);
			abort();
		}
		uint64_t decoded = cpu_ns();
		buf_clear(out);
		dialect->encode_result(out, &spec, &result);
		encode += cpu_ns() - decoded;
		arena_destroy(arena);
		decode += cpu_ns() - began;
	}
	decode -= encode;
	printf("%s %zu %.3f %.3f\n", dialect->name, body.len, (double)decode / 1000 / ROUNDS_OF_DECODE,
	       (double)encode / 1000 / ROUNDS_OF_DECODE);
	buf_finish(&result.run.out);
	buf_finish(&result.run.err);
}

/* For bench/run.py: name, bytes, microseconds to decode, to encode. */
static void time_dialects(void)
{
	_buf_finish_ struct buf body, out;

	buf_init(&body, MIB);
	buf_init(&out, MIB);
	for (unsigned i = 0; i < DIALECT_COUNT; i++)
		if (make_shape(&body, dialects[i]->name, KIB))
			time_dialect(dialects[i], buf_slice(&body), &out);
		else
			fprintf(stderr, "%s: no request is known here\n", dialects[i]->name);
}

/* --- outputs --- */

static void fill_ascii(char *out, size_t i)
{
	*out = i % 64 == 63 ? '\n' : (char)(' ' + i % 64 + (i % 64 >= 2) + (i % 64 >= 58));
}

static void fill_plain(char *out, size_t i)
{
	*out = (char)('a' + i % 26);
}

static void fill_chinese(char *out, size_t i)
{
	*out = "\xE4\xBD\xA0\xE5\xA5\xBD"[i % 6];
}

static void fill_random(char *out, size_t i)
{
	(void)i;
	*out = (char)(random() >> 7);
}

static void fill_zero(char *out, size_t i)
{
	(void)i;
	*out = '\0';
}

static const struct {
	const char *name;
	void (*fill)(char *out, size_t i);
} outputs[] = {
    {"letters", fill_plain},	   {"lines of 64", fill_ascii}, {"Chinese", fill_chinese},
    {"random bytes", fill_random}, {"zeros", fill_zero},
};

static void time_write(const char *name, struct slice bytes, bool base64)
{
	_buf_finish_ struct buf out;
	uint64_t spent = 0;

	buf_init(&out, 8 * OUTPUT_BYTES);
	for (unsigned i = 0; i <= ROUNDS_OF_OUTPUT; i++) {
		struct json_writer w;

		buf_clear(&out);
		json_writer_init(&w, &out);
		uint64_t started = cpu_ns();
		if (base64)
			json_put_base64(&w, NULL, bytes);
		else
			json_put_bytes(&w, NULL, bytes);
		/* the first round pays for the buffer's pages */
		spent += i == 0 ? 0 : cpu_ns() - started;
		if (w.rc < 0)
			abort();
	}
	double seconds = (double)spent / 1e9 / ROUNDS_OF_OUTPUT;
	printf("write %s of 10 MiB %-14s %8.2f ms  %8.0f MB/s\n", base64 ? "base64" : "text  ",
	       name, seconds * 1000, (double)bytes.len / seconds / 1e6);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "dialects") == 0) {
		time_dialects();
		return 0;
	}
	char *data = malloc(OUTPUT_BYTES);
	if (!data)
		return 1;
	time_decode(512, ROUNDS_OF_DECODE);
	time_decode(1 * KIB, ROUNDS_OF_DECODE);
	time_decode(64 * KIB, ROUNDS_OF_DECODE / 50);
	time_decode(1 * MIB, ROUNDS_OF_DECODE / 1000);
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
		for (size_t at = 0; at < OUTPUT_BYTES; at++)
			outputs[i].fill(data + at, at);
		time_write(outputs[i].name, (struct slice){data, OUTPUT_BYTES}, false);
	}
	time_write("random bytes", (struct slice){data, OUTPUT_BYTES}, true);
	free(data);
	return 0;
}
