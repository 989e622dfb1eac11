/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where settings come from: config.def, a YAML file, the environment, options; each later one wins
 * and all go through row_set, so that a value means the same and fails the same wherever it was
 * written.
 */
#include "config/config.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "config/row.h"
#include "schema/schema.h"

#define TEXT_BYTES_MAX 4096
#define ENV_PREFIX     "SANDGLASS_"
#define ENV_NAME_BYTES 64

/* The file as text: one optional member per row; NULL where it says nothing. */
struct config_text {
#define U64(name, unit, def, least, most, doc) char *name;
#define TEXT(name, def, doc)		       char *name;
#define FLAG(name, def, doc)		       char *name;
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
};

static const cyaml_schema_field_t file_fields[] = {
#define FIELD(name)			       SCHEMA_TEXT_OPTIONAL(#name, struct config_text, name, 0, TEXT_BYTES_MAX),
#define U64(name, unit, def, least, most, doc) FIELD(name)
#define TEXT(name, def, doc)		       FIELD(name)
#define FLAG(name, def, doc)		       FIELD(name)
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_text, file_fields),
};

static int apply_defaults(struct config *config, struct err *err)
{
	for (size_t i = 0; i < config_row_count; i++) {
		int rc = row_set(&config_rows[i], config, config_rows[i].def, "default: ", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The members of struct config_text are pointers in the order of the rows. */
static int apply_text(struct config *config, const struct config_text *text, const char *path,
		      struct err *err)
{
	char *const *values = (char *const *)text;
	char origin[160];

	static_assert(sizeof(*text) % sizeof(char *) == 0, "pointers and nothing else");
	snprintf(origin, sizeof(origin), "%s: ", path);
	for (size_t i = 0; i < config_row_count; i++) {
		int rc = values[i] ? row_set(&config_rows[i], config, values[i], origin, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int apply_file(struct config *config, const char *path, struct err *err)
{
	void *text = NULL;
	const char *name = path ? path : CONFIG_DEFAULT_PATH;
	int rc = schema_load_file(&text, &file_schema, name, ERR_CONFIG, err);

	if (rc == -ERR_NOT_FOUND)
		return path ? err_field(err, ERR_CONFIG, path, "There is no configuration file %s.",
					path)
			    : 0;
	if (rc < 0 || !text)
		return rc;
	rc = apply_text(config, text, name, err);
	schema_free(&file_schema, text);
	return rc;
}

static void env_name(char out[static ENV_NAME_BYTES], const char *name)
{
	snprintf(out, ENV_NAME_BYTES, ENV_PREFIX "%s", name);
	for (; *out; out++)
		*out = (char)toupper((unsigned char)*out);
}

static int apply_environment(struct config *config, struct err *err)
{
	for (size_t i = 0; i < config_row_count; i++) {
		char name[ENV_NAME_BYTES], origin[ENV_NAME_BYTES + 2];
		env_name(name, config_rows[i].name);
		snprintf(origin, sizeof(origin), "%s: ", name);
		const char *value = getenv(name);
		int rc = value ? row_set(&config_rows[i], config, value, origin, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

int config_load(struct config *ret_config, const char *path, struct err *err)
{
	struct config config = {0};
	int rc = apply_defaults(&config, err);

	if (rc == 0)
		rc = apply_file(&config, path, err);
	if (rc == 0)
		rc = apply_environment(&config, err);
	if (rc < 0)
		config_finish(&config);
	else
		*ret_config = config;
	return rc;
}

int config_set(struct config *config, const char *name, const char *value, struct err *err)
{
	const struct row *row = row_find(name, strlen(name));

	if (!row)
		return err_field(err, ERR_CONFIG, name,
				 "There is no setting '%.60s'; 'sandglass config' lists them.",
				 name);
	return row_set(row, config, value, "", err);
}

void config_finish(struct config *config)
{
	for (size_t i = 0; i < config_row_count; i++) {
		if (config_rows[i].kind != ROW_TEXT)
			continue;
		free(*row_text(&config_rows[i], config));
		*row_text(&config_rows[i], config) = NULL;
	}
}

/* Single quotes: the one YAML style in which nothing but the quote itself is special. */
static void print_text(const char *text, FILE *out)
{
	putc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			putc('\'', out);
		putc(*text, out);
	}
	putc('\'', out);
}

static void print_value(const struct row *row, const struct config *config, FILE *out)
{
	fprintf(out, "%s: ", row->name);
	if (row->kind == ROW_U64)
		fprintf(out, "%llu", (unsigned long long)*row_u64(row, config));
	else if (row->kind == ROW_FLAG)
		fputs(*row_flag(row, config) ? "true" : "false", out);
	else
		print_text(*row_text(row, config), out);
	putc('\n', out);
}

static void print_comment(const struct row *row, FILE *out)
{
	char name[ENV_NAME_BYTES];

	env_name(name, row->name);
	fprintf(out, "# %s\n# ", row->doc);
	if (row->kind == ROW_U64)
		fprintf(out, "%llu to %llu%s%s, ", (unsigned long long)row->least,
			(unsigned long long)row->most, row->unit[0] ? " " : "", row->unit);
	fprintf(out, "default %s, environment %s\n", row->def[0] ? row->def : "empty", name);
}

void config_print(const struct config *config, FILE *out)
{
	for (size_t i = 0; i < config_row_count; i++) {
		if (i > 0)
			putc('\n', out);
		print_comment(&config_rows[i], out);
		print_value(&config_rows[i], config, out);
	}
}

char *config_dump(const struct config *config)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < config_row_count; i++)
		print_value(&config_rows[i], config, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
