/* SPDX-License-Identifier: Apache-2.0 */
/* What `exec` reads, what it asks the server for, and what it makes of the answer. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/exec.h"

/* --- files to read --- */

static char dir[64];

static int remove_one(const char *path, const struct stat *st _unused_, int kind _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static int set_up(void **state _unused_)
{
	strcpy(dir, "/tmp/sandglass-cli-XXXXXX");
	return mkdtemp(dir) ? chdir(dir) : -1;
}

static int tear_down(void **state _unused_)
{
	return chdir("/") < 0 ? -1 : nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *data, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, data, len), 0);
	fd_close(fd);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static struct source read_or_fail(const char *operand, const char *entry)
{
	struct source source;
	struct err err = {0};

	if (source_read(&source, operand, false, entry, &err) < 0)
		fail_msg("source_read: %s", err.text);
	return source;
}

static void expect_refused(const char *operand, const char *entry, int code, const char *words)
{
	struct source source;
	struct err err = {0};

	assert_int_equal(source_read(&source, operand, false, entry, &err), -code);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
}

static void text_is_text(void **state _unused_)
{
	static const char *const texts[] = {"print(1 + 1)", "echo a.b", "1/2", "puts 1; x.rb",
					    "1.5",	    "",		"x"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct source source = read_or_fail(texts[i], NULL);
		assert_int_equal(source.count, 1);
		assert_null(source.files[0].name);
		assert_int_equal(source.files[0].data.len, strlen(texts[i]));
		source_finish(&source);
	}
}

static void what_looks_like_a_path_must_be_there(void **state _unused_)
{
	static const char *const paths[] = {"./x", "../no-such", "/no/such", "main.py", "a/b.c"};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		expect_refused(paths[i], NULL, ERR_NOT_FOUND, "--text");
}

static void a_file_keeps_its_name_and_bytes(void **state _unused_)
{
	write_file("a.py", "x\0\xff", 3);
	struct source source = read_or_fail("./a.py", NULL);

	assert_int_equal(source.count, 1);
	assert_string_equal(source.files[0].name, "a.py");
	assert_int_equal(source.files[0].data.len, 3);
	assert_memory_equal(source.files[0].data.data, "x\0\xff", 3);
	assert_string_equal(source.runtime, "py");
	source_finish(&source);
}

static void a_file_without_a_suffix_is_sent_as_code(void **state _unused_)
{
	write_text("tool", "#!/usr/bin/env -S python3.13 -u\nprint(1)\n");
	struct source source = read_or_fail("tool", NULL);

	assert_null(source.files[0].name);
	assert_string_equal(source.runtime, "python");
	source_finish(&source);
}

static void a_directory_is_sent_whole_in_order(void **state _unused_)
{
	assert_int_equal(mkdir("src", 0755), 0);
	assert_int_equal(mkdir("src/lib", 0755), 0);
	write_text("src/main.py", "import lib.a\n");
	write_text("src/lib/a.py", "");
	write_text("src/.hidden", "h");
	struct source source = read_or_fail("src///", "main.py");

	assert_int_equal(source.count, 3);
	assert_string_equal(source.files[0].name, ".hidden");
	assert_string_equal(source.files[1].name, "lib/a.py");
	assert_string_equal(source.files[2].name, "main.py");
	assert_string_equal(source.entry, "main.py");
	assert_string_equal(source.runtime, "py");
	source_finish(&source);
}

static void what_cannot_be_sent_is_named(void **state _unused_)
{
	assert_int_equal(mkdir("src", 0755), 0);
	expect_refused("src", NULL, ERR_BAD_REQUEST, "no file");
	write_text("src/a", "");
	expect_refused("src", "b", ERR_BAD_REQUEST, "--entry b");
	assert_int_equal(symlink("/etc/passwd", "src/link"), 0);
	expect_refused("src", NULL, ERR_BAD_REQUEST, "src/link");
	assert_int_equal(unlink("src/link"), 0);
	assert_int_equal(mkfifo("src/fifo", 0644), 0);
	expect_refused("src", NULL, ERR_BAD_REQUEST, "src/fifo");
}

static void a_source_has_its_bound(void **state _unused_)
{
	write_text("big.py", "");
	assert_int_equal(truncate("big.py", SOURCE_BYTES_MAX), 0);
	struct source source = read_or_fail("big.py", NULL);
	source_finish(&source);
	assert_int_equal(truncate("big.py", SOURCE_BYTES_MAX + 1), 0);
	expect_refused("big.py", NULL, ERR_TOO_LARGE, "big.py");
}

static void runtimes_are_told_by_suffix_then_by_the_first_line(void **state _unused_)
{
	static const struct {
		const char *name, *text, *runtime;
	} rows[] = {
	    {"a.py", "", "py"},
	    {"a/b.PY", "", "py"},
	    {"a.tar.js", "", "js"},
	    {"a.py", "#!/bin/bash\n", "py"},
	    {NULL, "#!/bin/bash\n", "bash"},
	    {NULL, "#! /usr/bin/python3\n", "python"},
	    {NULL, "#!/usr/bin/env node\n", "node"},
	    {NULL, "#!/usr/bin/env -S deno run\n", "deno"},
	    {NULL, "#!/usr/bin/perl -w", "perl"},
	    {NULL, "#!\n", ""},
	    {NULL, "print(1)", ""},
	    {"Makefile", "all:", ""},
	    {".hidden", "", ""},
	    {"a.", "", ""},
	    {NULL, "#!/opt/a-very-long-name-of-an-interpreter-that-nobody-has\n",
	     "a-very-long-name-of-an-interpre"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char runtime[SOURCE_RUNTIME_BYTES];
		source_guess_runtime(rows[i].name, slice_from(rows[i].text), runtime);
		assert_string_equal(runtime, rows[i].runtime);
	}
}

/* --- the request --- */

static void expect_request(const struct exec_options *options, const struct source *source,
			   struct slice input, char *const *args, size_t count,
			   const char *expected)
{
	struct buf out;
	struct err err = {0};

	buf_init(&out, MIB);
	if (exec_request(&out, options, "python", source, input, args, count, &err) < 0)
		fail_msg("exec_request: %s", err.text);
	assert_string_equal(buf_c_str(&out), expected);
	buf_finish(&out);
}

#define NO_INPUT ((struct slice){NULL, 0})

static void the_least_request_says_language_and_code(void **state _unused_)
{
	const struct exec_options options = {0};
	struct source source = read_or_fail("print(\"\xc3\xa9\")", NULL);

	expect_request(&options, &source, NO_INPUT, NULL, 0,
		       "{\"language\":\"python\",\"code\":\"print(\\\"\xc3\xa9\\\")\","
		       "\"output_encoding\":\"base64\"}");
	source_finish(&source);
}

static void everything_given_is_sent(void **state _unused_)
{
	const char *env[] = {"A=b=c", "E="}, *args[] = {"one"};
	char *more[] = {"--two", ""};
	const struct exec_options options = {
	    .json = true,
	    .version = "3.13",
	    .engine = "native",
	    .env = {env, 2},
	    .args = {args, 1},
	    .wall_time_ms = {true, 1500},
	    .memory_bytes = {true, 0},
	};

	write_text("a.py", "1");
	struct source source = read_or_fail("a.py", NULL);
	expect_request(&options, &source, SLICE_LITERAL("in"), more, 2,
		       "{\"language\":\"python\",\"version\":\"3.13\",\"engine\":\"native\","
		       "\"files\":[{\"name\":\"a.py\",\"content\":\"1\"}],"
		       "\"env\":{\"A\":\"b=c\",\"E\":\"\"},\"args\":[\"one\",\"--two\",\"\"],"
		       "\"limits\":{\"wall_time_ms\":1500,\"memory_bytes\":0},"
		       "\"stdin\":{\"content\":\"in\"}}");
	source_finish(&source);
}

static void bytes_that_are_no_text_go_as_base64(void **state _unused_)
{
	const struct exec_options options = {.json = true};

	write_file("a.bin", "\xff\0", 2);
	struct source source = read_or_fail("a.bin", NULL);
	expect_request(
	    &options, &source, (struct slice){"a\0", 2}, NULL, 0,
	    "{\"language\":\"python\","
	    "\"files\":[{\"name\":\"a.bin\",\"content\":\"/wA=\",\"encoding\":\"base64\"}],"
	    "\"stdin\":{\"content\":\"YQA=\",\"encoding\":\"base64\"}}");
	source_finish(&source);
}

static void what_json_cannot_carry_is_refused(void **state _unused_)
{
	const char *bad_env[] = {"NOVALUE"}, *empty_name[] = {"=x"}, *bytes[] = {"A=\xff"};
	const struct exec_options rows[] = {{.env = {bad_env, 1}},
					    {.env = {empty_name, 1}},
					    {.env = {bytes, 1}},
					    {.args = {bytes, 1}}};
	struct source source = read_or_fail("x", NULL);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out;
		struct err err = {0};
		buf_init(&out, MIB);
		assert_int_equal(
		    exec_request(&out, &rows[i], "python", &source, NO_INPUT, NULL, 0, &err),
		    -ERR_BAD_REQUEST);
		buf_finish(&out);
	}
	source_finish(&source);
}

/* --- the answer --- */

/* Runs exec_answer with our descriptors 1 and 2 in files "out" and "err". */
static int answer(const char *body, bool json)
{
	int saved[2] = {dup(1), dup(2)};
	const char *const names[2] = {"out", "err"};

	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		int fd = open(names[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		assert_int_equal(dup2(fd, i + 1), i + 1);
		fd_close(fd);
	}
	int code = exec_answer(slice_from(body), json);
	fflush(stdout);
	fflush(stderr);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], i + 1);
		fd_close(saved[i]);
	}
	return code;
}

static void expect_file(const char *name, const char *data, size_t len)
{
	char got[4096];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd_read_all(fd, got, sizeof(got));

	fd_close(fd);
	if (n != (ssize_t)len || memcmp(got, data, len) != 0)
		fail_msg("%s holds \"%.*s\"", name, (int)n, got);
}

static void output_arrives_byte_for_byte(void **state _unused_)
{
	assert_int_equal(answer("{\"status\":\"ok\",\"exit_code\":0,\"signal\":null,"
				"\"stdout\":\"/wAK\",\"stderr\":\"ZXJy\"}",
				false),
			 0);
	expect_file("out", "\xff\0\n", 3);
	expect_file("err", "err", 3);
}

struct answer_row {
	const char *body;
	int code;
	const char *err; /* what stands on stderr, whole */
};

static const struct answer_row answers[] = {
    {"{\"status\":\"error\",\"exit_code\":3}", 3, ""},
    {"{\"status\":\"error\",\"exit_code\":255}", 255, ""},
    {"{\"status\":\"signal\",\"exit_code\":null,\"signal\":\"SIGSEGV\"}", 139,
     "sandglass: the program was ended by SIGSEGV\n"},
    {"{\"status\":\"signal\",\"exit_code\":null,\"signal\":\"SIGKILL\"}", 137,
     "sandglass: the program was ended by SIGKILL\n"},
    {"{\"status\":\"signal\",\"exit_code\":null,\"signal\":\"SIG99\"}", 128,
     "sandglass: the program was ended by SIG99\n"},
    {"{\"status\":\"wall_timeout\",\"exit_code\":null,\"signal\":\"SIGKILL\"}", 124,
     "sandglass: the program passed its wall time and was ended; --timeout allows more\n"},
    {"{\"status\":\"cpu_timeout\",\"exit_code\":null,\"signal\":null}", 124,
     "sandglass: the program passed its CPU time and was ended; --cpu-time allows more\n"},
    {"{\"status\":\"memory_limit\",\"exit_code\":null,\"signal\":null}", 137,
     "sandglass: the program passed its memory and was ended; --memory allows more\n"},
    {"{\"status\":\"disk_limit\",\"exit_code\":1,\"signal\":null}", 1,
     "sandglass: the program's files filled its disk; --disk allows more\n"},
    {"{\"status\":\"compile_error\",\"exit_code\":null,\"compile\":{\"exit_code\":2,\"stderr\":"
     "\"bm8K\"}}",
     2, "no\nsandglass: the program could not be compiled\n"},
    {"{\"status\":\"compile_timeout\",\"compile\":{\"exit_code\":null}}", 124,
     "sandglass: the compiler passed its time and was ended; --compile-time allows more\n"},
    {"{\"status\":\"error\",\"exit_code\":127,\"started\":false,\"message\":\"Exec format error\"}",
     127, "sandglass: the program was not started: Exec format error\n"},
    {"{\"status\":\"new\"}", EXIT_CODE_SOFTWARE,
     "sandglass: the server's answer has a status this program does not know (new)\n"},
    {"{}", EXIT_CODE_SOFTWARE,
     "sandglass: the server's answer has a status this program does not know (none)\n"},
};

static void every_status_has_its_exit_code_and_words(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		int code = answer(answers[i].body, false);
		if (code != answers[i].code)
			fail_msg("%s: exit code %d", answers[i].body, code);
		expect_file("err", answers[i].err, strlen(answers[i].err));
		expect_file("out", "", 0);
	}
}

static void broken_answers_are_our_failure(void **state _unused_)
{
	assert_int_equal(answer("<html>", false), EXIT_CODE_SOFTWARE);
	assert_int_equal(answer("{\"status\":\"ok\",\"stdout\":\"!\"}", false), EXIT_CODE_IO);
}

static void json_is_printed_as_it_came(void **state _unused_)
{
	static const char body[] = "{\"status\":\"error\",\"exit_code\":3,\"stdout\":\"x\"}";

	assert_int_equal(answer(body, true), 3);
	expect_file("out", "{\"status\":\"error\",\"exit_code\":3,\"stdout\":\"x\"}\n",
		    sizeof(body));
	expect_file("err", "", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(text_is_text),
	    TEST(what_looks_like_a_path_must_be_there),
	    TEST(a_file_keeps_its_name_and_bytes),
	    TEST(a_file_without_a_suffix_is_sent_as_code),
	    TEST(a_directory_is_sent_whole_in_order),
	    TEST(what_cannot_be_sent_is_named),
	    TEST(a_source_has_its_bound),
	    TEST(runtimes_are_told_by_suffix_then_by_the_first_line),
	    TEST(the_least_request_says_language_and_code),
	    TEST(everything_given_is_sent),
	    TEST(bytes_that_are_no_text_go_as_base64),
	    TEST(what_json_cannot_carry_is_refused),
	    TEST(output_arrives_byte_for_byte),
	    TEST(every_status_has_its_exit_code_and_words),
	    TEST(broken_answers_are_our_failure),
	    TEST(json_is_printed_as_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
