/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cli/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

#define REQUEST_BYTES_MAX (512 * MIB)

/*
 * The program's standard input: a file, or ours if it is not a terminal and did not hold the
 * source. A pipe that nobody closes makes us wait, as it would any filter; --stdin /dev/null says
 * there is none.
 */
static int read_stdin(const struct exec_options *options, const struct source *source,
		      struct buf *data, struct err *err)
{
	const char *file = options->stdin_file;

	if (!file && (source->took_stdin || isatty(STDIN_FILENO)))
		return 0;
	if (!file || strcmp(file, "-") == 0) {
		if (source->took_stdin)
			return err_set(
			    err, ERR_BAD_REQUEST,
			    "Standard input holds the source already; give the other one by name.");
		return fcntl(STDIN_FILENO, F_GETFD) < 0
			   ? 0
			   : source_read_fd(STDIN_FILENO, "standard input", data, err);
	}
	_close_ int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "Opening %.100s failed: %s.", file,
			       strerror(errno));
	return source_read_fd(fd, file, data, err);
}

const char *exec_runtime(const struct exec_options *options, const struct source *source,
			 struct err *err)
{
	if (options->runtime)
		return options->runtime;
	if (source->runtime[0])
		return source->runtime;
	err_set(
	    err, ERR_BAD_REQUEST,
	    "What language this is cannot be told from its name; say it with --runtime ('sandglass"
	    " runtimes' lists them).");
	return NULL;
}

static int build(const struct exec_options *options, const struct source *source, int argc,
		 char **argv, struct buf *request, struct err *err)
{
	_buf_finish_ struct buf input;
	const char *runtime = exec_runtime(options, source, err);

	buf_init(&input, SOURCE_BYTES_MAX);
	if (!runtime)
		return -err->code;
	int rc = read_stdin(options, source, &input, err);
	if (rc < 0)
		return rc;
	return exec_request(request, options, runtime, source, buf_slice(&input), argv,
			    (size_t)argc, err);
}

/* Errors name options, not fields of a request that the user has not written. */
int exec_refused(const struct exec_options *options, const struct source *source,
		 const struct client_reply *reply)
{
	struct err err = {0};
	char text[sizeof(err.text)];

	client_error(reply, &err);
	if (err.code == ERR_UNKNOWN_LANGUAGE && !options->runtime)
		return cli_fail(
		    EXIT_CODE_DATA,
		    "there is no runtime for '.%s' files on the server; name one with --runtime"
		    " ('sandglass runtimes' lists them)",
		    source->runtime);
	if (err.code == ERR_UNAUTHENTICATED)
		return cli_fail(
		    EXIT_CODE_NO_PERM,
		    "the server wants an API key; set SANDGLASS_API_KEY to a valid one");
	snprintf(text, sizeof(text), "%s", err.text[0] ? err.text : err_default_text(err.code));
	return cli_fail(cli_exit_of(err.code), "%s%s%s%s", text, err.field[0] ? " (field " : "",
			err.field, err.field[0] ? ")" : "");
}

static int send_and_print(const struct exec_options *options, const struct source *source,
			  struct slice request)
{
	struct client *client = NULL;
	struct client_reply reply;
	struct err err = {0};
	int rc = options->session ? client_open_server(&client, &options->client, &err)
				  : client_open(&client, &options->client, &err);

	if (rc == 0)
		rc = client_call(client, "/native/v1/execute", request, "running", &reply, &err);
	if (rc < 0) {
		client_close(client);
		return cli_fail_err(&err);
	}
	int code = reply.status == 202 ? exec_accepted(buf_slice(&reply.body), options->json)
		   : reply.status == 200 ? exec_answer(buf_slice(&reply.body), options->json)
				       : exec_refused(options, source, &reply);
	buf_finish(&reply.body);
	client_close(client);
	return code;
}

static int run_exec(void *opts, int argc, char **argv)
{
	const struct exec_options *options = opts;
	struct source source = {0};
	struct err err = {0};
	_buf_finish_ struct buf request;

	buf_init(&request, REQUEST_BYTES_MAX);
	int rc = source_read(&source, argv[0], options->text, options->entry, &err);
	if (rc == 0)
		rc = build(options, &source, argc - 1, argv + 1, &request, &err);
	int code = rc < 0
		       ? (err.code == ERR_NOT_FOUND ? cli_fail(EXIT_CODE_NO_INPUT, "%s", err.text)
						    : cli_fail_err(&err))
		       : send_and_print(options, &source, buf_slice(&request));
	source_finish(&source);
	return code;
}

/* clang-format off */
static const struct cli_option exec_options[] = {
#define ROW(name, letter, kind, value, member, complete, help) \
	{name, letter, OPTION_##kind, value, offsetof(struct exec_options, member), COMPLETE_##complete, help}
	ROW("runtime", 'r', TEXT, "NAME",       runtime,    NONE,    "language id or alias; otherwise told by the file's suffix or #! line"),
	ROW("version", '\0', TEXT, "SELECTOR",  version,    NONE,    "which version: '3', '3.13', '>=3.11'; otherwise the highest"),
	ROW("entry",   '\0', TEXT, "FILE",      entry,      FILE,    "which file of a directory is the program"),
	ROW("text",    '\0', FLAG, NULL,        text,       NONE,    "SOURCE is the text itself, even if a file has that name"),
	ROW("env",     'e',  LIST, "NAME=VALUE", env,       NONE,    "set an environment variable; may be given again"),
	ROW("arg",     'a',  LIST, "TEXT",      args,       NONE,    "pass an argument; may be given again"),
	ROW("flag",    'f',  LIST, "FLAG",      flags,      NONE,    "pass an option to the compiler or interpreter; may be given again"),
	ROW("stdin",   'i',  TEXT, "FILE",      stdin_file, FILE,    "the program's standard input; otherwise ours, unless it is a terminal"),
#define X(field, option, letter, kind, doc) ROW(option, letter, kind, NULL, field, NONE, doc),
#include "cli/exec_limits.def"
#undef X
	ROW("session", 's',  TEXT, "ID",        session,    NONE,    "run it in this session of the server ('sandglass sessions'); a name of your own is made if there is none"),
	ROW("async",   '\0', FLAG, NULL,        async,      NONE,    "leave it on the server as a job and print the job's id ('sandglass jobs')"),
	ROW("engine",  '\0', TEXT, "ENGINE",    engine,     NONE,    "native, wasm or auto"),
	ROW("json",    'j',  FLAG, NULL,        json,       NONE,    "print the server's answer as JSON instead of the output"),
#undef ROW
	CLIENT_ROWS(struct exec_options),
};
/* clang-format on */

const struct verb verb_exec = {
    .name = "exec",
    .operands = "SOURCE [ARG]...",
    .summary = "Run a program in a jail and pass on its output and exit status",
    .details =
	"SOURCE is a file, a directory (all its files are sent), '-' for standard input, or the"
	" program's text itself. What follows it is passed to the program. The exit status is the"
	" program's; 128 and the number of the signal that ended it; 124 if it ran out of time.",
    .complete = COMPLETE_FILE,
    .passes_rest = true,
    .operands_least = 1,
    .operands_most = -1,
    .options = exec_options,
    .option_count = ARRAY_LEN(exec_options),
    .options_bytes = sizeof(struct exec_options),
    .run = run_exec,
};
