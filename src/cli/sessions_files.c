/* SPDX-License-Identifier: Apache-2.0 */
/* Files of sessions: listing, reading, writing and removing them, one by one or all as a tar archive. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/sessions.h"
#include "cli/table.h"
#include "json/json.h"

static const struct client_request get = {.method = "GET", .body_fd = -1, .label = "waiting"};

/* --- files --- */

static void print_files(yyjson_val *root)
{
	yyjson_val *row;
	yyjson_arr_iter rows = yyjson_arr_iter_with(yyjson_obj_get(root, "files"));
	_table_ struct table table;

	table_init(&table, 4);
	table_row(&table, "MODE", "SIZE", "MODIFIED", "PATH");
	while ((row = yyjson_arr_iter_next(&rows))) {
		const char *type = json_member_text(row, "type"), *path = json_member_text(row, "path"), *target = json_member_text(row, "target");
		char size[24], whole[6000];
		bool file = type && strcmp(type, "file") == 0;
		snprintf(size, sizeof(size), "%llu", (unsigned long long)yyjson_get_uint(yyjson_obj_get(row, "size_bytes")));
		snprintf(whole, sizeof(whole), "%s%s%s%s", path ? path : json_member_text(row, "url_path"), target ? " -> " : "", target ? target : "",
			 type && strcmp(type, "directory") == 0 ? "/" : "");
		table_row(&table, json_member_text(row, "mode"), file ? size : NULL, json_member_text(row, "modified_at"), whole);
	}
	table_print(&table, stdout);
}

static int run_files(void *opts, int argc _unused_, char **argv)
{
	const struct sessions_options *options = opts;
	struct sessions_call call;

	sessions_begin(&call, options, argv[0]);
	sessions_add(&call, "/files");
	sessions_send(&call, get);
	sessions_show(&call, options->json, print_files);
	return sessions_end(&call);
}

/* --- get, put, remove --- */

/* The path of a file, or, of an archive, the directory. */
static void add_path(struct sessions_call *call, const struct sessions_options *options, const char *path)
{
	sessions_add(call, options->tar ? "/files?format=tar" : "/files/");
	if (path && options->tar)
		sessions_add(call, "&path=");
	if (path)
		sessions_add_encoded(call, path);
	else if (!options->tar && call->rc == 0)
		call->rc = err_set(&call->err, ERR_BAD_REQUEST, "Name a file, or take all of them with --tar.");
}

static int run_get(void *opts, int argc, char **argv)
{
	const struct sessions_options *options = opts;
	struct client_sink sink = {.file = options->output, .fd = -1};
	struct client_request request = get;
	struct sessions_call call;

	request.sink = &sink;
	request.label = "receiving";
	sessions_begin(&call, options, argv[0]);
	add_path(&call, options, argc > 1 ? argv[1] : NULL);
	sessions_send(&call, request);
	return sessions_end(&call);
}

static int run_put(void *opts, int argc, char **argv)
{
	const struct sessions_options *options = opts;
	struct client_request request = {.method = "PUT", .body_fd = STDIN_FILENO, .label = "sending",
					 .type = options->tar ? "application/x-tar" : "application/octet-stream"};
	_close_ int fd = options->input ? open(options->input, O_RDONLY | O_CLOEXEC) : -1;
	struct sessions_call call;

	if (options->input && fd < 0)
		return cli_fail(EXIT_CODE_NO_INPUT, "opening %.100s failed: %s", options->input, strerror(errno));
	if (options->mode && options->tar)
		return cli_fail(EXIT_CODE_USAGE, "--mode is of one file; an archive has the modes of its files");
	if (fd >= 0)
		request.body_fd = fd;
	sessions_begin(&call, options, argv[0]);
	add_path(&call, options, argc > 1 ? argv[1] : NULL);
	if (options->mode) {
		sessions_add(&call, "?mode=");
		sessions_add_encoded(&call, options->mode);
	}
	sessions_send(&call, request);
	if (options->json)
		sessions_show(&call, true, NULL);
	return sessions_end(&call);
}

static int remove_one(const struct sessions_options *options, const char *id, const char *path)
{
	struct sessions_call call;

	sessions_begin(&call, options, id);
	sessions_add(&call, "/files/");
	sessions_add_encoded(&call, path);
	sessions_send(&call, (struct client_request){.method = "DELETE", .body_fd = -1, .label = "waiting"});
	return sessions_end(&call);
}

static int run_remove(void *opts, int argc, char **argv)
{
	int code = 0;

	for (int i = 1; i < argc; i++) {
		int one = remove_one(opts, argv[0], argv[i]);
		code = code ? code : one;
	}
	return code;
}

/* --- the table --- */

/* clang-format off */
#define TAR_ROW(help) SESSIONS_ROW("tar", '\0', FLAG, NULL, tar, NONE, help)

static const struct cli_option files_options[] = {
	SESSIONS_JSON_ROW,
	SERVER_ROWS(struct sessions_options),
};

static const struct cli_option get_options[] = {
	SESSIONS_ROW("output", 'o', TEXT, "FILE", output, FILE, "write to FILE instead of standard output"),
	TAR_ROW("all files, or those below the directory PATH, as a tar archive"),
	SERVER_ROWS(struct sessions_options),
};

static const struct cli_option put_options[] = {
	SESSIONS_ROW("input", 'i', TEXT, "FILE", input, FILE, "read FILE instead of standard input"),
	SESSIONS_ROW("mode", '\0', TEXT, "MODE", mode, NONE, "the file's mode, in octal; otherwise 644"),
	TAR_ROW("the input is a tar archive, and unpacked below the directory PATH"),
	SESSIONS_JSON_ROW,
	SERVER_ROWS(struct sessions_options),
};

static const struct cli_option remove_options[] = {
	SERVER_ROWS(struct sessions_options),
};

SESSIONS_VERB(files,  "ID",           1, 1, files_options, "List the files of a session", "Those of the home begin with ~/.");
SESSIONS_VERB(get,    "ID [PATH]",    1, 2, get_options, "Write a file of a session to standard output",
     "With --tar it is an archive: 'sandglass sessions get ID --tar | tar -x -C DIRECTORY'.");
SESSIONS_VERB(put,    "ID [PATH]",    1, 2, put_options, "Make standard input a file of a session",
     "With --tar it is an archive: 'tar -c -C DIRECTORY ./ | sandglass sessions put ID --tar'.");
SESSIONS_VERB(remove, "ID PATH...",   2, -1, remove_options, "Remove files of a session, directories with all that is in them", NULL);
/* clang-format on */
