/* SPDX-License-Identifier: Apache-2.0 */
/* `serve --demo`: what a person wants to see in the first minute. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/fd.h"
#include "cli/client.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/serve.h"
#include "store/store.h"

#define READY_SECONDS 60
#define READY_POLL_US 50000

static volatile sig_atomic_t server_pid; /* 0: none to pass signals on to */

static void pass_on(int signo)
{
	if (server_pid)
		kill((pid_t)server_pid, signo);
}

/* --- the key --- */

/*
 * The key is kept by a child, because making one means becoming the database's owner for good. It
 * ends the key when we end, by whatever: nobody is to find a valid one that was shown on a screen.
 */
struct lent_key {
	char text[KEY_TEXT_BYTES];
	pid_t keeper;
	int until_fd; /* closed when the key is not needed any more */
};

static void ignore_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

static _noreturn_ void keep_key(const struct settings *settings, int text_fd, int until_fd)
{
	char text[KEY_TEXT_BYTES], byte;
	struct store_key key;
	struct err err = {0};

	ignore_signals();
	if (keys_create(settings, "demo", text, &key, &err) < 0)
		_exit(cli_fail_err(&err));
	fd_write_all(text_fd, text, sizeof(text));
	close(text_fd);
	while (read(until_fd, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(keys_revoke_own(&key, &err) < 0 ? cli_fail_err(&err) : 0);
}

/* 0, or the exit code of a keeper that could not. */
static int return_key(const struct lent_key *lent)
{
	int status = 0;

	close(lent->until_fd);
	while (waitpid(lent->keeper, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CODE_SOFTWARE;
}

static int borrow_key(const struct settings *settings, struct lent_key *lent)
{
	int text[2], until[2];

	if (pipe2(text, O_CLOEXEC) < 0 || pipe2(until, O_CLOEXEC) < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "making a pipe failed: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		close(until[1]);
		keep_key(settings, text[1], until[0]);
	}
	fd_close(text[1]);
	fd_close(until[0]);
	*lent = (struct lent_key){.keeper = pid, .until_fd = until[1]};
	ssize_t got = pid > 0 ? fd_read_all(text[0], lent->text, KEY_TEXT_BYTES) : -1;
	fd_close(text[0]);
	if (got == KEY_TEXT_BYTES)
		return 0;
	int code = pid > 0 ? return_key(lent) : 0;
	return code ? code : cli_fail(EXIT_CODE_SOFTWARE, "making a key failed");
}

/* --- the server --- */

/*
 * In a process group of its own: a terminal's Ctrl-C would reach it twice otherwise, once from the
 * terminal and once from us, and the second one means "at once".
 */
static _noreturn_ void become_server(const char *program, char **argv, pid_t parent)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	setenv("SANDGLASS_LOG_LEVEL", "warn", 0); /* the table is not to drown in the log */
	if (getppid() == parent)
		execv(program, argv);
	_exit(127);
}

static bool server_has_ended(int *ret_status)
{
	if (waitpid((pid_t)server_pid, ret_status, WNOHANG) != server_pid)
		return false;
	server_pid = 0;
	return true;
}

static int exit_code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * Polls /readyz. 0 when it says yes, else an exit code; the server has said why it ended, or
 * says so here.
 */
static int wait_until_ready(struct client *client)
{
	struct progress progress;
	uint64_t give_up_ns = clock_now_ns() + READY_SECONDS * NS_PER_SEC;
	int status = 0, code = EXIT_CODE_UNAVAILABLE;
	struct err why = {.text = "it did not answer"};

	progress_begin(&progress, "starting the server");
	while (clock_now_ns() < give_up_ns) {
		struct client_reply reply = {0};
		if (server_has_ended(&status)) {
			progress_end(&progress);
			code = exit_code_of(status);
			return code ? code : EXIT_CODE_UNAVAILABLE;
		}
		if (client_get(client, "/readyz", &reply, &why) == 0) {
			buf_finish(&reply.body);
			progress_end(&progress);
			return 0;
		}
		progress_tick(&progress);
		usleep(READY_POLL_US);
	}
	progress_end(&progress);
	return cli_fail(EXIT_CODE_UNAVAILABLE, "the server is not ready after %d s: %s",
			READY_SECONDS, why.text);
}

static int wait_for_end(void)
{
	int status = 0;

	while (server_pid && waitpid((pid_t)server_pid, &status, 0) < 0 && errno == EINTR)
		;
	server_pid = 0;
	return exit_code_of(status);
}

/* --- hello in every runtime --- */

static int hello_request(struct buf *out, const char *id, const char *code)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "language", id);
	json_put_text(&w, "code", code);
	json_object_close(&w);
	return w.rc;
}

static const char *text_of(yyjson_val *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

static void print_hello(const char *id, const struct client_reply *reply, const char *expected)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	if (reply->status != 200) {
		client_error(reply, &err);
		printf("%-14s %-12s %-16s %10s  %.60s\n", id, "-", err_name(err.code), "-",
		       err.text);
		return;
	}
	if (json_parse(&doc, buf_slice(&reply->body), &err) < 0)
		return;
	yyjson_val *root = json_root(doc);
	bool right = strcmp(text_of(root, "stdout"), expected) == 0;
	printf("%-14s %-12s %-16s %10.1f  %s\n", id, text_of(root, "version"),
	       text_of(root, "status"), yyjson_get_num(yyjson_obj_get(root, "wall_time_ms")),
	       right ? "as expected" : "WRONG");
	json_free(doc);
}

static void run_hello(struct client *client, yyjson_val *runtime)
{
	yyjson_val *hello = yyjson_obj_get(runtime, "hello");
	const char *id = text_of(runtime, "id");
	struct client_reply reply;
	struct err err = {0};
	struct buf request;

	if (yyjson_arr_size(yyjson_obj_get(runtime, "versions")) == 0)
		return; /* known, but this machine has no image with it */
	buf_init(&request, MIB);
	if (hello_request(&request, id, text_of(hello, "code")) == 0 &&
	    client_call(client, "/native/v1/execute", buf_slice(&request), id, &reply, &err) == 0) {
		print_hello(id, &reply, text_of(hello, "output"));
		buf_finish(&reply.body);
	}
	buf_finish(&request);
}

/* True if the runtime's first version comes from the machine itself, because no image has been built. */
static bool is_of_host(yyjson_val *runtime)
{
	yyjson_val *first = yyjson_arr_get_first(yyjson_obj_get(runtime, "versions"));

	return first && strcmp(text_of(first, "image"), "host") == 0;
}

static int run_hellos(struct client *client)
{
	struct client_reply reply;
	struct yyjson_doc *doc = NULL;
	struct err err = {0};
	yyjson_val *runtime;
	bool on_host = false;

	int rc = client_get(client, "/v1/runtimes", &reply, &err);
	if (rc == 0) {
		rc = json_parse(&doc, buf_slice(&reply.body), &err);
		buf_finish(&reply.body);
	}
	if (rc < 0)
		return cli_fail_err(&err);
	printf("%-14s %-12s %-16s %10s  %s\n", "RUNTIME", "VERSION", "STATUS", "WALL MS", "OUTPUT");
	yyjson_arr_iter iter = yyjson_arr_iter_with(json_root(doc));
	while ((runtime = yyjson_arr_iter_next(&iter)) && server_pid) {
		run_hello(client, runtime);
		on_host |= is_of_host(runtime);
		fflush(stdout);
	}
	if (on_host)
		printf("\nThese are this machine's own interpreters. 'make image' (or 'sandglass image build') builds the"
		       " image\nthat the documentation speaks of; start the server again afterwards.\n");
	json_free(doc);
	return 0;
}

/* --- all of it --- */

/*
 * "http://127.0.0.1:8080" of the setting `listen`; an address that means "all" is reached by
 * loopback.
 */
static void url_of(const struct config *config, char *out, size_t cap)
{
	const char *scheme = config->tls_certificate[0] ? "https" : "http";
	const char *colon = strrchr(config->listen, ':');
	int host_len = colon ? (int)(colon - config->listen) : 0;

	if (host_len == 0 || strncmp(config->listen, "0.0.0.0:", 8) == 0 ||
	    strncmp(config->listen, "[::]:", 5) == 0)
		snprintf(out, cap, "%s://127.0.0.1%s", scheme, colon ? colon : "");
	else
		snprintf(out, cap, "%s://%s", scheme, config->listen);
}

static void print_how_to_call(const char *url, const char *key)
{
	printf("\nURL  %s\nkey  %s\ntry  curl -s %s/v1/execute -H 'Authorization: Bearer %s'"
	       " -H 'Content-Type: application/json'"
	       " -d '{\"language\":\"python\",\"code\":\"print(6*7)\"}'\n\n",
	       url, key, url, key);
	fflush(stdout);
}

static int show(const char *url, const char *key, const char *certificate)
{
	struct client *client = NULL;
	struct err err = {0};

	if (client_open_local(&client, url, key, certificate, &err) < 0)
		return cli_fail_err(&err);
	int code = wait_until_ready(client);
	if (code == 0) {
		print_how_to_call(url, key);
		code = run_hellos(client);
	}
	client_close(client);
	if (code == 0 && server_pid)
		printf("\nserving %s; Ctrl-C ends it\n", url);
	fflush(stdout);
	return code;
}

static int serve_and_show(const struct config *config, const char *key, const char *program,
			  char **argv)
{
	char url[256];
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0)
		become_server(program, argv, parent);
	if (pid < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "starting the server failed: %s",
				strerror(errno));
	server_pid = pid;
	url_of(config, url, sizeof(url));
	int code = show(url, key, config->tls_certificate);
	if (code && server_pid)
		kill(pid, SIGTERM);
	int server_code = wait_for_end();
	return code ? code : server_code;
}

int serve_demo(const struct settings *settings, const struct config *config, const char *program,
	       char **argv)
{
	struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	struct lent_key key;
	int code = borrow_key(settings, &key);

	if (code)
		return code;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	code = serve_and_show(config, key.text, program, argv);
	int key_code = return_key(&key);
	return code ? code : key_code;
}
