/* SPDX-License-Identifier: Apache-2.0 */
/* config.def, row by row: default, file, environment, bounds; then the relations between rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

enum kind { KIND_U64, KIND_TEXT, KIND_FLAG };

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *def;
	uint64_t least, most;
} rows[] = {
#define U64(name, unit, def, least, most, doc)                                                     \
	{#name, KIND_U64, offsetof(struct config, name), #def, least, most},
#define TEXT(name, def, doc) {#name, KIND_TEXT, offsetof(struct config, name), def, 0, 0},
#define FLAG(name, def, doc) {#name, KIND_FLAG, offsetof(struct config, name), #def, 0, 0},
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
};

static char file_path[] = "/tmp/sandglass-config-XXXXXX";

static void write_file(const char *text)
{
	FILE *out = fopen(file_path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

/* What the row holds, as text. */
static const char *shown(const struct config *config, const struct row *row)
{
	static char text[32];
	const char *at = (const char *)config + row->offset;

	if (row->kind == KIND_TEXT)
		return *(char *const *)at;
	if (row->kind == KIND_FLAG)
		return *(const bool *)at ? "true" : "false";
	snprintf(text, sizeof(text), "%llu", *(const unsigned long long *)at);
	return text;
}

/* A valid value other than the default. */
static const char *another(const struct row *row)
{
	static char text[32];

	if (row->kind == KIND_TEXT)
		return "/some/where, it's: 'fine' # so";
	if (row->kind == KIND_FLAG)
		return strcmp(row->def, "true") == 0 ? "false" : "true";
	snprintf(text, sizeof(text), "%llu", (unsigned long long)row->most);
	if (strcmp(text, row->def) == 0)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)row->least);
	return text;
}

static void variable_name(char *out, size_t cap, const char *name)
{
	snprintf(out, cap, "SANDGLASS_%s", name);
	for (; *out; out++)
		*out = (char)toupper((unsigned char)*out);
}

static void test_defaults(void **state)
{
	struct config config;
	struct err err = {0};

	(void)state;
	write_file("");
	assert_int_equal(config_load(&config, file_path, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(shown(&config, &rows[i]), rows[i].def);
	assert_int_equal(config_check(&config, &err), 0);
	config_finish(&config);
}

static void test_file_sets_each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config config;
		struct err err = {0};
		char text[256];
		snprintf(text, sizeof(text), "%s: \"%s\"\n", rows[i].name, another(&rows[i]));
		write_file(text);
		assert_int_equal(config_load(&config, file_path, &err), 0);
		assert_string_equal(shown(&config, &rows[i]), another(&rows[i]));
		config_finish(&config);
	}
}

static void test_environment_wins_over_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config config;
		struct err err = {0};
		char text[256], name[64];
		snprintf(text, sizeof(text), "%s: \"%s\"\n", rows[i].name, rows[i].def);
		write_file(text);
		variable_name(name, sizeof(name), rows[i].name);
		setenv(name, another(&rows[i]), 1);
		assert_int_equal(config_load(&config, file_path, &err), 0);
		unsetenv(name);
		assert_string_equal(shown(&config, &rows[i]), another(&rows[i]));
		config_finish(&config);
	}
}

static void refuse(struct config *config, const struct row *row, const char *value)
{
	struct err err = {0};
	char before[4096];

	snprintf(before, sizeof(before), "%s", shown(config, row));
	assert_int_equal(config_set(config, row->name, value, &err), -ERR_CONFIG);
	assert_string_equal(err.field, row->name);
	assert_non_null(strstr(err.text, row->name));
	assert_string_equal(shown(config, row), before);
}

static void refuse_numbers(struct config *config, const struct row *row)
{
	static const char *const never[] = {"",
					    "-1",
					    "+1",
					    " 1",
					    "1 ",
					    "1.5",
					    "1e3",
					    "0x10",
					    "five",
					    "ms",
					    "~",
					    "1PiB",
					    "NaN",
					    "null",
					    "1_000",
					    "1,0",
					    "18446744073709551616"};
	char text[32], range[64];
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		refuse(config, row, never[i]);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)row->most + 1);
	refuse(config, row, text);
	snprintf(range, sizeof(range), "from %llu to %llu", (unsigned long long)row->least,
		 (unsigned long long)row->most);
	assert_int_equal(config_set(config, row->name, text, &err), -ERR_CONFIG);
	assert_non_null(strstr(err.text, range));
	if (row->least > 0) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)row->least - 1);
		refuse(config, row, text);
	}
}

static void test_bounds(void **state)
{
	struct config config;

	(void)state;
	write_file("");
	assert_int_equal(config_load(&config, file_path, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].kind == KIND_U64)
			refuse_numbers(&config, &rows[i]);
		else
			refuse(&config, &rows[i], rows[i].kind == KIND_FLAG ? "maybe" : "a\nb");
	}
	config_finish(&config);
}

static void test_suffixes(void **state)
{
	static const struct {
		const char *name, *value;
		uint64_t want; /* 0: refused */
	} cases[] = {
	    {"memory_bytes_default", "512MiB", 512 * MIB},
	    {"memory_bytes_default", "1TiB", 1024 * GIB},
	    {"memory_bytes_default", "4096KiB", 4 * MIB},
	    {"memory_bytes_default", "512M", 0},
	    {"memory_bytes_default", "30s", 0},
	    {"memory_bytes_default", "18014398509481985KiB", 0},
	    {"body_rate_bytes", "64KiB", 64 * KIB},
	    {"wall_time_ms_default", "30s", 30000},
	    {"wall_time_ms_default", "30000ms", 30000},
	    {"wall_time_ms_default", "2min", 120000},
	    {"wall_time_ms_default", "1h", 3600000},
	    {"wall_time_ms_default", "25h", 0},
	    {"wall_time_ms_default", "1 s", 0},
	    {"runs_max", "1KiB", 0},
	};
	struct config config;

	(void)state;
	write_file("");
	assert_int_equal(config_load(&config, file_path, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int rc = config_set(&config, cases[i].name, cases[i].value, NULL);
		assert_int_equal(rc, cases[i].want ? 0 : -ERR_CONFIG);
		for (size_t j = 0; cases[i].want && j < ARRAY_LEN(rows); j++)
			if (strcmp(rows[j].name, cases[i].name) == 0)
				assert_int_equal(strtoull(shown(&config, &rows[j]), NULL, 10),
						 cases[i].want);
	}
	config_finish(&config);
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"runs_max: 3\n# more\nruns_most: 4\n", "Unexpected key: runs_most, line 3"},
	    {"runs_max: [3]\n", "'runs_max' (line: 1"},
	    {"runs_max: 3\nruns_max: 4\n", "runs_max"},
	    {"runs_max: 5000\n", "from 1 to 4096"},
	    {"runs_max: -1\n", "from 1 to 4096"},
	    {"runs_max: ~\n", "from 1 to 4096"},
	    {"- runs_max\n", "MAPPING"},
	    {"just text\n", "MAPPING"},
	    {"listen: 'x\n", "libyaml"},
	    {"listen: &a x\ntls_key: *a\n", "alias"},
	    {"runs_max: 3\n---\nruns_max: 4\n", "more than one"},
	    {"listen: \xff\n", "UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config config;
		struct err err = {0};
		write_file(cases[i].text);
		assert_int_equal(config_load(&config, file_path, &err), -ERR_CONFIG);
		assert_non_null(strstr(err.text, file_path));
		if (!strstr(err.text, cases[i].says))
			fail_msg("'%s' does not say '%s'", err.text, cases[i].says);
	}
}

static void test_missing_file(void **state)
{
	struct config config;
	struct err err = {0};

	(void)state;
	assert_int_equal(config_load(&config, "/nonexistent/sandglass.yaml", &err), -ERR_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent/sandglass.yaml"));
	if (access(CONFIG_DEFAULT_PATH, F_OK) == 0)
		return; /* this machine has one of its own */
	assert_int_equal(config_load(&config, NULL, &err), 0);
	config_finish(&config);
}

static void test_unknown_setting(void **state)
{
	struct config config;
	struct err err = {0};

	(void)state;
	write_file("");
	assert_int_equal(config_load(&config, file_path, NULL), 0);
	assert_int_equal(config_set(&config, "run_max", "1", &err), -ERR_CONFIG);
	assert_non_null(strstr(err.text, "run_max"));
	config_finish(&config);
}

static void test_relations(void **state)
{
	static const struct {
		const char *name, *value, *field; /* field NULL: fine */
	} cases[] = {
	    {"wall_time_ms_default", "300001", "wall_time_ms_default"},
	    {"wall_time_ms_default", "300000", NULL},
	    {"memory_bytes_max", "512MiB", NULL},
	    {"memory_bytes_max", "511MiB", "memory_bytes_default"},
	    {"output_bytes_max", "0", "output_bytes_default"},
	    {"cpu_milli_default", "2001", "cpu_milli_default"},
	    {"body_bytes_max", "1MiB", "stdin_bytes_max"},
	    {"code_bytes_max", "33MiB", "code_bytes_max"},
	    {"queue_max", "511", "queue_max_per_key"},
	    {"connections_max", "100", "connections_max_per_ip"},
	    {"tls_key", "/k", "tls_certificate"},
	    {"tls_certificate", "/c", "tls_key"},
	    {"listen", "[::1]:80", NULL},
	    {"listen", "localhost:0", NULL},
	    {"listen", "8080", "listen"},
	    {"listen", ":8080", NULL},
	    {"listen", ":", "listen"},
	    {"listen", "]:8080", "listen"},
	    {"listen", "127.0.0.1:", "listen"},
	    {"listen", "127.0.0.1:65536", "listen"},
	    {"listen", "127.0.0.1:80x", "listen"},
	    {"listen", "[::1:80", "listen"},
	    {"log_level", "warn", NULL},
	    {"log_level", "loud", "log_level"},
	    {"state_dir", "state", "state_dir"},
	    {"image_dir", "", "image_dir"},
	    {"uid_base", "4294900000", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config config;
		struct err err = {0};
		write_file("");
		assert_int_equal(config_load(&config, file_path, NULL), 0);
		assert_int_equal(config_set(&config, cases[i].name, cases[i].value, &err), 0);
		int rc = config_check(&config, &err);
		if (rc != (cases[i].field ? -ERR_CONFIG : 0))
			fail_msg("%s: %s: %d %s", cases[i].name, cases[i].value, rc, err.text);
		if (cases[i].field)
			assert_string_equal(err.field, cases[i].field);
		config_finish(&config);
	}
}

/* What the parent hands to its children must come out as it went in. */
static void test_dump_and_print_load_again(void **state)
{
	struct config config, again;

	(void)state;
	write_file("");
	assert_int_equal(config_load(&config, file_path, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(config_set(&config, rows[i].name, another(&rows[i]), NULL), 0);
	for (int print = 0; print < 2; print++) {
		char *text = config_dump(&config);
		assert_non_null(text);
		write_file(text);
		free(text);
		if (print) {
			FILE *out = fopen(file_path, "w");
			config_print(&config, out);
			fclose(out);
		}
		assert_int_equal(config_load(&again, file_path, NULL), 0);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			assert_string_equal(shown(&again, &rows[i]), another(&rows[i]));
		config_finish(&again);
	}
	config_finish(&config);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_file_sets_each_row),
	    cmocka_unit_test(test_environment_wins_over_file),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_suffixes),
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_missing_file),
	    cmocka_unit_test(test_unknown_setting),
	    cmocka_unit_test(test_relations),
	    cmocka_unit_test(test_dump_and_print_load_again),
	};

	close(mkstemp(file_path));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[64];
		variable_name(name, sizeof(name), rows[i].name);
		unsetenv(name);
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file_path);
	return failed;
}
