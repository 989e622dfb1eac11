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

int main(void)
{
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
