/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "cli/client.h"
#include "cli/table.h"
#include "json/json.h"

struct runtimes_options {
	struct client_options client;
	bool json;
};

/* "3.13.5, 3.11.2" of [{"version": "3.13.5"}, ...]; member NULL: of plain texts. */
static void join(yyjson_val *array, const char *member, char *out, size_t cap)
{
	yyjson_arr_iter iter = yyjson_arr_iter_with(array);
	yyjson_val *item;
	size_t used = 0;

	out[0] = '\0';
	while (used < cap && (item = yyjson_arr_iter_next(&iter))) {
		const char *text = yyjson_get_str(member ? yyjson_obj_get(item, member) : item);
		used += (size_t)snprintf(out + used, cap - used, "%s%s", used ? ", " : "",
					 text ? text : "?");
	}
}

static void print_table(yyjson_val *root)
{
	_table_ struct table table;
	yyjson_arr_iter iter = yyjson_arr_iter_with(root);
	yyjson_val *runtime;

	table_init(&table, 4);
	table_row(&table, "RUNTIME", "NAME", "VERSIONS", "ALIASES");
	while ((runtime = yyjson_arr_iter_next(&iter))) {
		char versions[256], aliases[256];
		join(yyjson_obj_get(runtime, "versions"), "version", versions, sizeof(versions));
		join(yyjson_obj_get(runtime, "aliases"), NULL, aliases, sizeof(aliases));
		table_row(&table, json_member_text(runtime, "id"),
			  json_member_text(runtime, "name"), versions, aliases);
	}
	table_print(&table, stdout);
}

static int print(struct slice body, bool json)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	if (json_parse(&doc, body, &err) < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "the server's answer is not JSON: %s",
				err.text);
	if (json)
		printf("%.*s\n", (int)body.len, body.data);
	else
		print_table(json_root(doc));
	json_free(doc);
	return 0;
}

static int run_runtimes(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct runtimes_options *options = opts;
	struct client *client = NULL;
	struct client_reply reply;
	struct err err = {0};
	int rc = client_open(&client, &options->client, &err);

	if (rc == 0)
		rc = client_get(client, "/v1/runtimes", &reply, &err);
	if (rc < 0) {
		client_close(client);
		return cli_fail_err(&err);
	}
	int code = print(buf_slice(&reply.body), options->json);
	buf_finish(&reply.body);
	client_close(client);
	return code;
}

/* clang-format off */
static const struct cli_option runtimes_options[] = {
	{"json", 'j', OPTION_FLAG, NULL, offsetof(struct runtimes_options, json), COMPLETE_NONE,
	 "print JSON, with limits and hello programs"},
	CLIENT_ROWS(struct runtimes_options),
};
/* clang-format on */

const struct verb verb_runtimes = {
    .name = "runtimes",
    .operands = "",
    .summary = "List the languages and versions that can be run",
    .options = runtimes_options,
    .option_count = ARRAY_LEN(runtimes_options),
    .options_bytes = sizeof(struct runtimes_options),
    .run = run_runtimes,
};
