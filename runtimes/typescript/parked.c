/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parked OUT ENTRY: what build.c does, with an esbuild that runs already. It starts esbuild's
 * service (cmd/esbuild/service.go of esbuild: requests on its standard input, answers on its
 * standard output), has it build a sample for practice, and is stopped at its first look at ENTRY
 * until a run has come (src/park). Then it asks for the build that the command line stands for.
 *
 * Only "no errors, no warnings" counts as an answer. Whatever else comes, the service ends and
 * build does it all anew: esbuild has other words for some messages as a service, and only its
 * command line is what the caller of a compiler is to see. A program with a mistake so takes as
 * long as ever.
 *
 * The text of the protocol's messages: 32 bits of length, 32 bits of number (twice it; plus 1 for
 * an answer), a value. A value is a byte for its kind and what belongs to that; numbers are
 * little-endian.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"

#define SAMPLE	     "/opt/sandglass/typescript/sample.ts"
#define PRACTICE     3
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

extern char **environ;

enum kind { KIND_NULL, KIND_BOOL, KIND_NUMBER, KIND_TEXT, KIND_BYTES, KIND_LIST, KIND_MAP };

/* --- messages --- */

struct message {
	char bytes[8192]; /* what build is given fits: paths, and flags of ours */
	size_t len;
	bool full;
};

static void add_bytes(struct message *message, const void *bytes, size_t len)
{
	message->full |= len > sizeof(message->bytes) - message->len;
	if (message->full)
		return;
	memcpy(message->bytes + message->len, bytes, len);
	message->len += len;
}

static void add_number(struct message *message, size_t number)
{
	uint32_t bytes = htole32((uint32_t)number);

	add_bytes(message, &bytes, sizeof(bytes));
}

static void add_kind(struct message *message, enum kind kind)
{
	char byte = (char)kind;

	add_bytes(message, &byte, sizeof(byte));
}

static void add_key(struct message *message, const char *text)
{
	add_number(message, strlen(text));
	add_bytes(message, text, strlen(text));
}

static void add_text(struct message *message, const char *text)
{
	add_kind(message, KIND_TEXT);
	add_key(message, text);
}

static void add_bool(struct message *message, const char *key, char yes)
{
	add_key(message, key);
	add_kind(message, KIND_BOOL);
	add_bytes(message, &yes, sizeof(yes));
}

static void add_list(struct message *message, const char *key, size_t count)
{
	add_key(message, key);
	add_kind(message, KIND_LIST);
	add_number(message, count);
}

static void begin_message(struct message *message, uint32_t number, size_t pairs)
{
	*message = (struct message){0};
	add_number(message, 0); /* its length, when that is known */
	add_number(message, number);
	add_kind(message, KIND_MAP);
	add_number(message, pairs);
}

static void end_message(struct message *message)
{
	uint32_t len = htole32((uint32_t)(message->len - sizeof(len)));

	memcpy(message->bytes, &len, sizeof(len));
}

/* The words but the first, which is the program's name; silent, because it is not to be heard. */
static void add_flags(struct message *message, char *const *words)
{
	size_t count = 0;

	while (words[count + 1])
		count++;
	add_list(message, "flags", count);
	for (size_t i = 1; i <= count; i++)
		add_text(message,
			 strcmp(words[i], LOG_LEVEL_WORD) == 0 ? "--log-level=silent" : words[i]);
}

/* In the directory; "": in the service's own, as on the command line. */
static void write_request(struct message *message, uint32_t number, const char *dir,
			  char *const *words)
{
	begin_message(message, number << 1, 8);
	add_key(message, "command");
	add_text(message, "build");
	add_key(message, "key");
	add_kind(message, KIND_NUMBER);
	add_number(message, number);
	add_list(message, "entries", 0);
	add_flags(message, words);
	add_bool(message, "write", true);
	add_bool(message, "context", false);
	add_key(message, "absWorkingDir");
	add_text(message, dir);
	add_list(message, "nodePaths", 0);
	end_message(message);
}

static void write_success(struct message *message, uint32_t number)
{
	begin_message(message, number << 1 | 1, 2);
	add_list(message, "errors", 0);
	add_list(message, "warnings", 0);
	end_message(message);
}

/* --- the service --- */

static struct {
	pid_t pid;
	int requests_fd, answers_fd;
	uint32_t count; /* of requests */
} service;

/* Whether this is what comes next. */
static bool expect(const char *bytes, size_t len)
{
	char answer[sizeof(((struct message *)0)->bytes)];
	ssize_t n;

	for (size_t got = 0; got < len; got += (size_t)n) {
		n = read(service.answers_fd, answer + got, len - got);
		if (n <= 0 || memcmp(answer + got, bytes + got, (size_t)n) != 0)
			return false;
	}
	return true;
}

static bool expect_version(void)
{
	struct message version = {0};

	add_key(&version, ESBUILD_VERSION);
	return expect(version.bytes, version.len);
}

/* The collector is off, as esbuild itself turns it off for one build. */
static bool start(int in_fd, int out_fd)
{
	static char *argv[] = {BUNDLER, "--service=" ESBUILD_VERSION, NULL};
	static char *with[64] = {"GOGC=off"};
	posix_spawn_file_actions_t actions;

	for (size_t i = 0; environ[i]; i++) {
		if (i + 2 >= COUNT(with))
			return false;
		with[i + 1] = environ[i];
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	return posix_spawn(&service.pid, BUNDLER, &actions, NULL, argv, with) == 0;
}

static bool service_start(void)
{
	int requests[2], answers[2];

	if (pipe2(requests, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
		return false;
	service.requests_fd = requests[1];
	service.answers_fd = answers[0];
	bool started = start(requests[0], answers[1]);
	close(requests[0]);
	close(answers[1]);
	return started && expect_version();
}

static bool service_build(const char *dir, char *const *words)
{
	struct message message;
	uint32_t number = service.count++;

	write_request(&message, number, dir, words);
	if (message.full ||
	    write(service.requests_fd, message.bytes, message.len) != (ssize_t)message.len)
		return false;
	write_success(&message, number);
	return expect(message.bytes, message.len);
}

/* The run's limits, which are this process's now, are to be those of all that works for it. */
static bool service_limit(void)
{
	static const int resources[] = {RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE};
	struct rlimit limit;

	for (size_t i = 0; i < COUNT(resources); i++)
		if (getrlimit(resources[i], &limit) < 0 ||
		    prlimit(service.pid, resources[i], &limit, NULL) < 0)
			return false;
	return true;
}

static void service_end(void)
{
	kill(service.pid, SIGKILL);
	waitpid(service.pid, NULL, 0);
}

/* --- */

static bool practise(void)
{
	static char out[] = "/tmp/sample.js";
	struct bundle bundle;

	bundle_init(&bundle, out, SAMPLE);
	for (int i = 0; i < PRACTICE; i++)
		if (!service_build("/", bundle.words))
			return false;
	return unlink(out) == 0;
}

/*
 * What esbuild may write, beside each other: the program, and what it imports of style sheets. With
 * a warning they are there, and the next esbuild would see them.
 */
struct results {
	char *program, style[4096];
	bool had_program, had_style;
};

static void results_before(struct results *results, char *out)
{
	int stem = (int)(strrchr(out, '.') - out);

	results->program = out;
	snprintf(results->style, sizeof(results->style), "%.*s.css", stem, out);
	results->had_program = access(out, F_OK) == 0;
	results->had_style = access(results->style, F_OK) == 0;
}

static void results_undo(const struct results *results)
{
	if (!results->had_program)
		unlink(results->program);
	if (!results->had_style)
		unlink(results->style);
}

int main(int argc, char **argv)
{
	struct bundle bundle;
	struct results results;

	signal(SIGPIPE, SIG_IGN); /* of a service that has died */
	if (argc != 3 || !strrchr(argv[1], '.') || !service_start() || !practise())
		return 1; /* nothing waits for it yet, and nothing will */
	bundle_init(&bundle, argv[1], argv[2]);
	results_before(&results, argv[1]);
	if (service_limit() && service_build("", bundle.words))
		return 0;
	service_end();
	results_undo(&results);
	signal(SIGPIPE, SIG_DFL);
	execve(BUILD, argv, environ);
	return 127;
}
