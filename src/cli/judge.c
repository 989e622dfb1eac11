/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judge.h"

#include <stdio.h>

#include "cli/exec.h"
#include "json/json.h"

#define REQUEST_BYTES_MAX (512 * MIB)

struct judge_options {
	struct exec_options exec;
	const char *checker;
	bool stop;
};

_Static_assert(offsetof(struct judge_options, exec) == 0,
	       "rows of exec's options are rows of ours");

static void put_test(struct json_writer *w, const struct judge_test *test)
{
	json_object_open(w, NULL);
	json_put_text(w, "name", test->name);
	if (test->has_in)
		exec_put_content(w, "stdin", buf_slice(&test->in));
	if (test->has_out)
		exec_put_content(w, "expected_stdout", buf_slice(&test->out));
	json_object_close(w);
}

static int write_request(struct buf *out, const struct judge_options *options,
			 const struct source *source, const struct judge_tests *tests,
			 struct err *err)
{
	const char *runtime = exec_runtime(&options->exec, source, err);
	struct json_writer w;

	if (!runtime)
		return -err->code;
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	int rc = exec_put_program(&w, &options->exec, runtime, source, NULL, 0, err);
	if (rc < 0)
		return rc;
	if (options->checker)
		json_put_text(&w, "checker", options->checker);
	if (options->stop)
		json_put_text(&w, "stop_on", "first_failure");
	json_array_open(&w, "tests");
	for (size_t i = 0; i < tests->count; i++)
		put_test(&w, &tests->items[i]);
	json_array_close(&w);
	json_object_close(&w);
	return w.rc < 0 ? err_set(err, (enum err_code) - w.rc, "%s", err_default_text(w.rc)) : 0;
}

static int send_and_print(const struct judge_options *options, const struct source *source,
			  struct slice request)
{
	struct client *client = NULL;
	struct client_reply reply;
	struct err err = {0};
	int rc = client_open(&client, &options->exec.client, &err);

	if (rc == 0)
		rc = client_call(client, "/native/v1/batch", request, "judging", &reply, &err);
	if (rc < 0) {
		client_close(client);
		return cli_fail_err(&err);
	}
	int code = reply.status == 200 ? judge_answer(buf_slice(&reply.body), options->exec.json)
				       : exec_refused(&options->exec, source, &reply);
	buf_finish(&reply.body);
	client_close(client);
	return code;
}

static int run_judge(void *opts, int argc _unused_, char **argv)
{
	const struct judge_options *options = opts;
	struct judge_tests tests = {0};
	struct source source = {0};
	struct err err = {0};
	_buf_finish_ struct buf request;

	buf_init(&request, REQUEST_BYTES_MAX);
	int rc = source_read(&source, argv[0], false, options->exec.entry, &err);
	if (rc == 0)
		rc = judge_tests_read(&tests, argv[1], &err);
	if (rc == 0)
		rc = write_request(&request, options, &source, &tests, &err);
	judge_tests_finish(&tests);
	int code = rc == -ERR_NOT_FOUND ? cli_fail(EXIT_CODE_NO_INPUT, "%s", err.text)
		   : rc < 0		? cli_fail_err(&err)
					: send_and_print(options, &source, buf_slice(&request));
	source_finish(&source);
	return code;
}

/* clang-format off */
static const struct cli_option judge_options[] = {
#define ROW(name, letter, kind, value, member, complete, help) \
	{name, letter, OPTION_##kind, value, offsetof(struct judge_options, member), COMPLETE_##complete, help}
	ROW("runtime", 'r', TEXT, "NAME",       exec.runtime, NONE,    "language id or alias; otherwise told by the file's suffix or #! line"),
	ROW("version", '\0', TEXT, "SELECTOR", exec.version, NONE,    "which version: '3', '3.13', '>=3.11'; otherwise the highest"),
	ROW("entry",   '\0', TEXT, "FILE",     exec.entry,   FILE,    "which file of a directory is the program"),
	ROW("env",     'e',  LIST, "NAME=VALUE", exec.env,    NONE,    "set an environment variable; may be given again"),
	ROW("arg",     'a',  LIST, "TEXT",      exec.args,    NONE,    "pass an argument; may be given again"),
	ROW("flag",    'f',  LIST, "FLAG",      exec.flags,   NONE,    "pass an option to the compiler or interpreter; may be given again"),
	ROW("checker", 'c',  TEXT, "KIND",      checker,      NONE,    "exact, trailing (white space at ends does not matter), tokens or float"),
	ROW("stop",    's',  FLAG, NULL,        stop,         NONE,    "stop at the first test that is not accepted"),
#define X(field, option, letter, kind, doc) ROW(option, letter, kind, NULL, exec.field, NONE, doc),
#include "cli/exec_limits.def"
#undef X
	ROW("json",    'j',  FLAG, NULL,        exec.json,    NONE,    "print the server's answer as JSON instead of a table"),
#undef ROW
	CLIENT_ROWS(struct exec_options), /* which is what ours begins with */
};
/* clang-format on */

const struct verb verb_judge = {
    .name = "judge",
    .operands = "SOURCE DIRECTORY",
    .summary = "Run a program on a directory of tests and say which it passes",
    .details =
	"DIRECTORY has the tests: NAME.in is read by the program, which is to write NAME.out (or "
	"NAME.ans)."
	" SOURCE is as for exec. The exit status is 0 if all tests are accepted, and 1 if not.",
    .complete = COMPLETE_FILE,
    .operands_least = 2,
    .operands_most = 2,
    .options = judge_options,
    .option_count = ARRAY_LEN(judge_options),
    .options_bytes = sizeof(struct judge_options),
    .run = run_judge,
};
