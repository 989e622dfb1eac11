/* SPDX-License-Identifier: Apache-2.0 */
#include "config/row.h"

#include <string.h>
#include <strings.h>

const struct row config_rows[] = {
#define U64(name, unit, def, least, most, doc)                                                     \
	{#name, ROW_U64, offsetof(struct config, name), unit, #def, least, most, doc},
#define TEXT(name, def, doc) {#name, ROW_TEXT, offsetof(struct config, name), "", def, 0, 0, doc},
#define FLAG(name, def, doc) {#name, ROW_FLAG, offsetof(struct config, name), "", #def, 0, 0, doc},
#include "config/config.def"
#undef U64
#undef TEXT
#undef FLAG
};
const size_t config_row_count = ARRAY_LEN(config_rows);

/* What may stand behind a number, by the row's unit; a bare number is in the unit itself. */
static const struct suffix {
	const char *unit, *name;
	uint64_t factor;
} suffixes[] = {
    {"ms", "ms", 1},	      {"ms", "s", 1000},
    {"ms", "min", 60 * 1000}, {"ms", "h", 3600 * 1000},
    {"bytes", "KiB", KIB},    {"bytes", "MiB", MIB},
    {"bytes", "GiB", GIB},    {"bytes", "TiB", 1024 * GIB},
};

static const struct word {
	const char *name;
	bool value;
} words[] = {
    {"true", true},   {"yes", true}, {"on", true},   {"1", true},
    {"false", false}, {"no", false}, {"off", false}, {"0", false},
};

const struct row *row_find(const char *name, size_t len)
{
	for (size_t i = 0; i < config_row_count; i++)
		if (strlen(config_rows[i].name) == len &&
		    memcmp(config_rows[i].name, name, len) == 0)
			return &config_rows[i];
	return NULL;
}

/* 0: not a suffix of this unit. "bytes/s" takes those of bytes. */
static uint64_t suffix_factor(const char *unit, const char *text)
{
	if (!text[0])
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (strncmp(unit, suffixes[i].unit, strlen(suffixes[i].unit)) == 0 &&
		    strcmp(text, suffixes[i].name) == 0)
			return suffixes[i].factor;
	return 0;
}

static bool parse_number(const struct row *row, const char *text, uint64_t *ret_number)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t factor = suffix_factor(row->unit, text + digits), number = 0;

	if (digits == 0 || factor == 0)
		return false;
	for (size_t i = 0; i < digits; i++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text[i] - '0'), &number))
			return false;
	if (__builtin_mul_overflow(number, factor, &number) || number < row->least ||
	    number > row->most)
		return false;
	*ret_number = number;
	return true;
}

static int set_u64(const struct row *row, struct config *config, const char *value,
		   const char *origin, struct err *err)
{
	if (parse_number(row, value, row_u64(row, config)))
		return 0;
	return err_field(err, ERR_CONFIG, row->name,
			 "%s%s must be a whole number from %llu to %llu%s%s, not '%.60s'.", origin,
			 row->name, (unsigned long long)row->least, (unsigned long long)row->most,
			 row->unit[0] ? " " : "", row->unit, value);
}

/* Control characters would break the lines of the log and of our own YAML, and belong in no path.
 */
static int set_text(const struct row *row, struct config *config, const char *value,
		    const char *origin, struct err *err)
{
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_field(err, ERR_CONFIG, row->name,
					 "%s%s must not hold control characters.", origin,
					 row->name);
	char *copy = strdup(value);
	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	free(*row_text(row, config));
	*row_text(row, config) = copy;
	return 0;
}

static int set_flag(const struct row *row, struct config *config, const char *value,
		    const char *origin, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(words[i].name, value) == 0) {
			*row_flag(row, config) = words[i].value;
			return 0;
		}
	}
	return err_field(err, ERR_CONFIG, row->name, "%s%s must be true or false, not '%.60s'.",
			 origin, row->name, value);
}

int row_set(const struct row *row, struct config *config, const char *value, const char *origin,
	    struct err *err)
{
	static int (*const setters[])(const struct row *, struct config *, const char *,
				      const char *, struct err *) = {
	    [ROW_U64] = set_u64,
	    [ROW_TEXT] = set_text,
	    [ROW_FLAG] = set_flag,
	};

	return setters[row->kind](row, config, value, origin, err);
}
