/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/fd.h"
#include "cli/exec.h"
#include "json/json.h"

#define ANSWER_BYTES_MAX (512 * MIB)

struct status_row {
	const char *name;
	int code;
	const char *text, *option;
};

static const struct status_row status_rows[] = {
#define X(name, code, text, option) {name, code, text, option},
#include "cli/exec_status.def"
#undef X
};

static const struct status_row *status_find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(status_rows); i++)
		if (strcmp(status_rows[i].name, name) == 0)
			return &status_rows[i];
	return NULL;
}

/* 11 of "SIGSEGV"; 0 of null or a name this machine does not have. */
static int signal_number(const char *name)
{
	for (int number = 1; name && number < NSIG; number++) {
		const char *abbreviation = sigabbrev_np(number);
		if (abbreviation && strncmp(name, "SIG", 3) == 0 &&
		    strcmp(name + 3, abbreviation) == 0)
			return number;
	}
	return 0;
}

/* One stream of a stage to a descriptor of ours, byte for byte. */
static int put_stream(yyjson_val *stage, const char *key, struct arena *arena, int fd)
{
	yyjson_val *value = yyjson_obj_get(stage, key);
	struct slice text = {yyjson_get_str(value), yyjson_get_len(value)}, data;

	if (!text.data || text.len == 0)
		return 0;
	if (json_base64_decode(arena, text, key, &data, NULL) < 0)
		return -ERR_PROTOCOL;
	return fd_write_all(fd, data.data, data.len);
}

/* What the compiler said is for stderr, whether it succeeded or not: stdout is the program's. */
static int put_streams(yyjson_val *root, struct arena *arena)
{
	yyjson_val *compile = yyjson_obj_get(root, "compile");
	int rc = put_stream(compile, "stdout", arena, STDERR_FILENO);

	if (rc == 0)
		rc = put_stream(compile, "stderr", arena, STDERR_FILENO);
	if (rc == 0)
		rc = put_stream(root, "stdout", arena, STDOUT_FILENO);
	if (rc == 0)
		rc = put_stream(root, "stderr", arena, STDERR_FILENO);
	return rc;
}

static void say_why(const struct status_row *row, yyjson_val *root)
{
	const char *signal = json_member_text(root, "signal");
	const char *message = json_member_text(root, "message");

	if (row->text && row->option)
		cli_fail(EXIT_CODE_OK, "%s; %s allows more", row->text, row->option);
	else if (row->text)
		cli_fail(EXIT_CODE_OK, "%s", row->text);
	else if (signal)
		cli_fail(EXIT_CODE_OK, "the program was ended by %.20s", signal);
	if (message)
		cli_fail(EXIT_CODE_OK, "the program was not started: %.200s", message);
}

/* Its output is here; what it has written is not there. */
static void say_not_kept(yyjson_val *session)
{
	const char *why = json_member_text(session, "message");

	if (yyjson_is_false(yyjson_obj_get(session, "kept")))
		cli_fail(EXIT_CODE_OK, "the session's files are as they were before: %.200s", why ? why : "no reason is given");
}

/*
 * The program's own code wins, except where it ran out of time: 124 is what timeout(1) made
 * known.
 */
static int exit_code_of(const struct status_row *row, yyjson_val *root)
{
	yyjson_val *code = yyjson_obj_get(root, "exit_code");
	int signal = signal_number(json_member_text(root, "signal"));

	if (strcmp(row->name, "compile_error") == 0)
		code = yyjson_obj_get(yyjson_obj_get(root, "compile"), "exit_code");
	if (row->code == EXIT_CODE_TIMEOUT)
		return row->code;
	if (yyjson_is_int(code))
		return (int)(yyjson_get_sint(code) & 0xff);
	return signal ? 128 + signal : row->code;
}

static int print_json(struct slice body)
{
	if (fwrite(body.data, 1, body.len, stdout) != body.len)
		return -ERR_IO;
	if (body.len && body.data[body.len - 1] == '\n')
		return 0;
	return putchar('\n') == '\n' ? 0 : -ERR_IO;
}

static int print_root(yyjson_val *root, struct slice body, bool json)
{
	const char *status = json_member_text(root, "status");
	const struct status_row *row = status_find(status);
	struct arena *arena = arena_create(ANSWER_BYTES_MAX);

	if (!row) {
		arena_destroy(arena);
		return cli_fail(
		    EXIT_CODE_SOFTWARE,
		    "the server's answer has a status this program does not know (%.30s)",
		    status ? status : "none");
	}
	int rc = json ? print_json(body) : put_streams(root, arena);
	arena_destroy(arena);
	if (rc < 0 && errno == EPIPE) /* the reader has seen enough */
		return 128 + SIGPIPE;
	if (rc < 0)
		return cli_fail(EXIT_CODE_IO, "writing the program's output failed: %s",
				rc == -ERR_IO ? strerror(errno) : err_default_text(rc));
	if (!json) {
		say_why(row, root);
		say_not_kept(yyjson_obj_get(root, "session"));
	}
	return exit_code_of(row, root);
}

int exec_answer(struct slice body, bool json)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	if (json_parse(&doc, body, &err) < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "the server's answer is not JSON: %s",
				err.text);
	int code = print_root(json_root(doc), body, json);
	json_free(doc);
	return code;
}

int exec_accepted(struct slice body, bool json)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	if (json)
		return print_json(body) < 0
			   ? cli_fail(EXIT_CODE_IO, "writing failed: %s", strerror(errno))
			   : 0;
	if (json_parse(&doc, body, &err) < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "the server's answer is not JSON: %s",
				err.text);
	const char *id = json_member_text(json_root(doc), "id");
	printf("%s\n", id ? id : "");
	json_free(doc);
	return 0;
}
