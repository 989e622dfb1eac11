/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that 'exec --async' and others have left on a server: which there are, and what came of one.
 */
#include <stdio.h>
#include <string.h>

#include <yyjson.h>

#include "cli/client.h"
#include "cli/exec.h"
#include "cli/output.h"
#include "cli/table.h"

#define PATH_BYTES  128
#define ARENA_BYTES (64 * MIB)
#define ID_SYMBOLS  "abcdefghijklmnopqrstuvwxyz0123456789_"

struct jobs_options {
	struct client_options client;
	bool json;
};

static void print_list(yyjson_val *root)
{
	yyjson_val *row;
	yyjson_arr_iter rows = yyjson_arr_iter_with(yyjson_obj_get(root, "executions"));
	_table_ struct table table;

	table_init(&table, 5);
	table_row(&table, "ID", "LANGUAGE", "STATE", "STATUS", "CREATED");
	while ((row = yyjson_arr_iter_next(&rows)))
		table_row(&table, json_member_text(row, "id"), json_member_text(row, "language"),
			  json_member_text(row, "state"), json_member_text(row, "status"),
			  json_member_text(row, "created_at"));
	table_print(&table, stdout);
}

/* As exec would have ended, if it has a result; else where it is. */
static int print_one(yyjson_val *root)
{
	yyjson_val *result = yyjson_obj_get(root, "result");
	const char *message = json_member_text(yyjson_obj_get(root, "error"), "message");
	struct arena *arena = arena_create(ARENA_BYTES);
	int code = 0;

	if (result)
		code = exec_answer(json_value_text(result, arena), false);
	else
		printf("%s%s%s\n", json_member_text(root, "state"), message ? ": " : "",
		       message ? message : "");
	arena_destroy(arena);
	return code;
}

static int print_reply(const struct client_reply *reply, bool json, bool one)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	if (json) {
		printf("%.*s\n", (int)reply->body.len, reply->body.data);
		return 0;
	}
	if (json_parse(&doc, buf_slice(&reply->body), &err) < 0)
		return cli_fail_err(&err);
	int code = 0;
	if (one)
		code = print_one(json_root(doc));
	else
		print_list(json_root(doc));
	json_free(doc);
	return code;
}

static int run_jobs(void *opts, int argc, char **argv)
{
	const struct jobs_options *options = opts;
	struct client *client = NULL;
	struct client_reply reply = {0};
	char path[PATH_BYTES];
	struct err err = {0};

	if (argc && strspn(argv[0], ID_SYMBOLS) != strlen(argv[0]))
		return cli_fail(EXIT_CODE_USAGE, "'%.60s' is not the id of a job", argv[0]);
	snprintf(path, sizeof(path), "/native/v1/executions%s%.40s", argc ? "/" : "",
		 argc ? argv[0] : "");
	int rc = client_open(&client, &options->client, &err);
	if (rc == 0)
		rc = client_get(client, path, &reply, &err);
	int code = rc < 0 ? cli_fail_err(&err) : print_reply(&reply, options->json, argc > 0);
	buf_finish(&reply.body);
	client_close(client);
	return code;
}

/* clang-format off */
static const struct cli_option jobs_options[] = {
	{"json", 'j', OPTION_FLAG, NULL, offsetof(struct jobs_options, json), COMPLETE_NONE,
	 "print the server's answer as JSON"},
	CLIENT_ROWS(struct jobs_options),
};
/* clang-format on */

const struct verb verb_jobs = {
    .name = "jobs",
    .operands = "[ID]",
    .summary = "List jobs of a server, or show what came of one",
    .details =
	"Jobs are what 'sandglass exec --async' leaves on a server. With an ID: its output and "
	"exit status as exec "
	"would have had them, or where it is if it has no result. The newest 100 are listed.",
    .operands_most = 1,
    .options = jobs_options,
    .option_count = ARRAY_LEN(jobs_options),
    .options_bytes = sizeof(struct jobs_options),
    .run = run_jobs,
};
