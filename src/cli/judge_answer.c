/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "cli/cli.h"
#include "cli/judge.h"
#include "cli/table.h"
#include "json/json.h"

#define WHY_BYTES 400

static double number_at(yyjson_val *object, const char *key)
{
	return yyjson_get_num(yyjson_obj_get(object, key));
}

static const char *shown(yyjson_val *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "nothing";
}

/* Why it is not accepted, as far as one line can say. */
static void say_why(yyjson_val *test, char out[static WHY_BYTES])
{
	yyjson_val *difference = yyjson_obj_get(test, "difference"),
		   *error = yyjson_obj_get(test, "error");
	const char *said = json_member_text(test, "checker_message"), *status = json_member_text(test, "status");

	*out = '\0';
	if (difference)
		snprintf(out, WHY_BYTES, "line %.0f column %.0f: expected %s, got %s",
			 number_at(difference, "line"), number_at(difference, "column"),
			 shown(difference, "expected"), shown(difference, "got"));
	else if (error)
		snprintf(out, WHY_BYTES, "%s", shown(error, "message"));
	else if (said)
		snprintf(out, WHY_BYTES, "%s", said);
	else if (status && strcmp(status, "ok") != 0)
		snprintf(out, WHY_BYTES, "%s", status);
	for (char *at = out; *at; at++) /* one line; the table replaces other control characters */
		*at = *at == '\n' ? ' ' : *at;
}

static void add_test(struct table *table, yyjson_val *test)
{
	char why[WHY_BYTES], cpu[32], wall[32], memory[32], points[32];

	say_why(test, why);
	snprintf(cpu, sizeof(cpu), "%.0f", number_at(test, "cpu_time_ms"));
	snprintf(wall, sizeof(wall), "%.0f", number_at(test, "wall_time_ms"));
	snprintf(memory, sizeof(memory), "%.1f",
		 number_at(test, "memory_peak_bytes") / (double)MIB);
	snprintf(points, sizeof(points), "%g", number_at(test, "points"));
	table_row(table, json_member_text(test, "name"), json_member_text(test, "verdict"), points, cpu, wall, memory,
		  why);
}

static void print_table(yyjson_val *root)
{
	_table_ struct table table;
	size_t i, count;
	yyjson_val *test;

	table_init(&table, 7);
	table_row(&table, "TEST", "VERDICT", "POINTS", "CPU MS", "WALL MS", "MIB", "");
	yyjson_arr_foreach(yyjson_obj_get(root, "tests"), i, count, test) add_test(&table, test);
	table_print(&table, stdout);
	printf("%s: %.0f of %.0f tests, %g of %g points\n", shown(root, "verdict"),
	       number_at(root, "passed"), number_at(root, "tests_count"), number_at(root, "points"),
	       number_at(root, "points_max"));
}

static void print_compile(yyjson_val *root)
{
	yyjson_val *compile = yyjson_obj_get(root, "compile");

	fprintf(stderr, "%s%s", compile ? shown(compile, "stdout") : "",
		compile ? shown(compile, "stderr") : "");
}

int judge_answer(struct slice body, bool json)
{
	struct yyjson_doc *doc = NULL;
	struct err err = {0};

	if (json_parse(&doc, body, &err) < 0)
		return cli_fail(EXIT_CODE_SOFTWARE, "the server's answer is not JSON: %s",
				err.text);
	yyjson_val *root = json_root(doc);
	bool good = strcmp(shown(root, "verdict"), "AC") == 0;
	if (json) {
		printf("%.*s\n", (int)body.len, body.data);
	} else {
		print_compile(root);
		print_table(root);
	}
	json_free(doc);
	if (fflush(stdout) != 0)
		return cli_fail(EXIT_CODE_IO, "writing the answer failed");
	return good ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
