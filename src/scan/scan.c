/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "scan/scan.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "json/json.h"
#include "schema/schema.h"

#define SCANNER_FILE "scan.py"
#define TEXT_MAX     (256 * KIB)
#define RULES_MAX    256
#define NAMES_MAX    256

/* --- the rules --- */

struct names {
	char **items;
	unsigned count;
};

struct rule {
	char *description;
	struct names modules, within, calls, attributes, writes;
};

struct rules {
	struct rule *rules;
	unsigned rules_count;
};

static const cyaml_schema_value_t name_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 128)};

#define NAMES(member)                                                                              \
	CYAML_FIELD_SEQUENCE_COUNT(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct rule, \
				   member.items, member.count, &name_entry, 1, NAMES_MAX)

static const cyaml_schema_field_t rule_fields[] = {
    SCHEMA_TEXT("description", struct rule, description, 1, 160),
    NAMES(modules), NAMES(within), NAMES(calls), NAMES(attributes), NAMES(writes),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t rule_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct rule, rule_fields),
};

static const cyaml_schema_field_t rules_fields[] = {
    CYAML_FIELD_SEQUENCE("rules", CYAML_FLAG_POINTER, struct rules, rules, &rule_entry, 0, RULES_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t rules_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct rules, rules_fields),
};

/* What may stand in a name: a mistyped one would be a rule that nothing breaks. */
static bool is_name(const char *text)
{
	while (isalnum((unsigned char)*text) || *text == '_' || *text == '.' || *text == '*')
		text++;
	return !*text;
}

static bool is_line(const char *text)
{
	while (*text && !iscntrl((unsigned char)*text))
		text++;
	return !*text;
}

static int put_names(struct json_writer *w, const char *key, const struct names *names, const char *file,
		     struct err *err)
{
	if (!names->count)
		return 0;
	json_array_open(w, key);
	for (unsigned i = 0; i < names->count; i++) {
		if (!is_name(names->items[i]))
			return err_field(err, ERR_CONFIG, file, "%s: %s: '%s' is not a name.", file, key,
					 names->items[i]);
		json_put_text(w, NULL, names->items[i]);
	}
	json_array_close(w);
	return 0;
}

static int put_rule(struct json_writer *w, const struct rule *rule, const char *file, struct err *err)
{
	const struct {
		const char *key;
		const struct names *names;
	} rows[] = {
	    {"modules", &rule->modules},       {"within", &rule->within}, {"calls", &rule->calls},
	    {"attributes", &rule->attributes}, {"writes", &rule->writes},
	};
	int rc = 0;

	if (!is_line(rule->description))
		return err_field(err, ERR_CONFIG, file, "%s: a description must be one line.", file);
	json_object_open(w, NULL);
	json_put_text(w, "description", rule->description);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(rows); i++)
		rc = put_names(w, rows[i].key, rows[i].names, file, err);
	json_object_close(w);
	return rc;
}

static int put_file(struct json_writer *w, const char *path, struct err *err)
{
	void *data = NULL;
	int rc = schema_load_file(&data, &rules_schema, path, ERR_CONFIG, err);
	const struct rules *rules = data;

	for (unsigned i = 0; rc == 0 && rules && i < rules->rules_count; i++)
		rc = put_rule(w, &rules->rules[i], path, err);
	schema_free(&rules_schema, data);
	return rc;
}

/* --- the program --- */

static int is_rules_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && strcmp(dot, ".yaml") == 0;
}

static int put_files(struct json_writer *w, const char *dir, struct err *err)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_rules_file, alphasort), rc = 0;
	char path[PATH_MAX];

	if (count < 0)
		return err_field(err, ERR_CONFIG, dir, "Cannot read the rules in %s: %s; set scan_dir.", dir,
				 strerror(errno));
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (rc == 0)
			rc = put_file(w, path, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* JSON with nothing but texts is Python as well. */
static int put_rules(struct buf *out, const char *dir, struct err *err)
{
	struct json_writer w;

	buf_append_text(out, "RULES = ");
	json_writer_init(&w, out);
	json_array_open(&w, NULL);
	int rc = dir ? put_files(&w, dir, err) : 0;
	json_array_close(&w);
	if (rc == 0 && w.rc < 0)
		rc = err_set(err, ERR_NO_MEMORY, "The rules are too long.");
	return rc;
}

static int put_scanner(struct buf *out, const char *dir, struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" SCANNER_FILE, dir);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *room = fd < 0 ? NULL : buf_reserve(out, TEXT_MAX);
	ssize_t n = room ? fd_read_all(fd, room, TEXT_MAX) : -1;
	if (n <= 0 || n == (ssize_t)TEXT_MAX)
		return err_field(err, ERR_CONFIG, path, "Cannot read %s; set scan_dir.", path);
	out->len += (size_t)n;
	return 0;
}

static int make(struct buf *out, const char *rules_dir, const char *dir, struct err *err)
{
	buf_init(out, 2 * TEXT_MAX);
	int rc = put_rules(out, rules_dir, err);
	if (rc == 0)
		rc = buf_append(out, "\n", 1);
	return rc < 0 ? rc : put_scanner(out, dir, err);
}

int scan_load(struct scan *ret_scan, const char *dir, struct err *err)
{
	struct scan scan = {0};
	int rc = make(&scan.looking, dir, dir, err);

	if (rc == 0)
		rc = make(&scan.passing, NULL, dir, err);
	if (rc < 0)
		scan_finish(&scan);
	else
		*ret_scan = scan;
	return rc;
}

void scan_finish(struct scan *scan)
{
	buf_finish(&scan->looking);
	buf_finish(&scan->passing);
}

bool scan_lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t part = strcspn(list, ", ");
		if (part == len && memcmp(list, word, len) == 0)
			return true;
		list += part + (list[part] != '\0');
	}
	return false;
}
