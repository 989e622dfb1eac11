/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 40
#define VALUE_HELP  1 /* what getopt_long returns for --help; rows follow from VALUE_ROW */
#define VALUE_ROW   256

/* --- numbers --- */

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit time_units[] = {
    {"ms", 1}, {"s", 1000}, {"", 1000}, {"m", 60000}, {"h", 3600000},
};

static const struct unit size_units[] = {
    {"", 1}, {"k", KIB}, {"kib", KIB}, {"m", MIB}, {"mib", MIB}, {"g", GIB}, {"gib", GIB},
};

static const struct unit plain_units[] = {{"", 1}};

static const struct unit *unit_find(const struct unit *units, size_t count, const char *suffix)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(units[i].suffix, suffix) == 0)
			return &units[i];
	return NULL;
}

/* Digits at *text times factor, added to *total; false on overflow. Moves *text behind them. */
static bool read_whole(const char **text, uint64_t factor, uint64_t *total)
{
	uint64_t value = 0;

	for (; isdigit((unsigned char)**text); ++*text)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(**text - '0'), &value))
			return false;
	return !__builtin_mul_overflow(value, factor, total);
}

/* Decimals of the unit must come out whole: 1.5s is 1500 ms, 0.5ms is refused. */
static bool read_decimals(const char *text, uint64_t factor, uint64_t *total)
{
	uint64_t part = 0, scale = 1;

	for (; isdigit((unsigned char)*text); text++)
		if (__builtin_mul_overflow(part, 10, &part) ||
		    __builtin_mul_overflow(scale, 10, &scale) ||
		    __builtin_add_overflow(part, factor * (uint64_t)(*text - '0'), &part))
			return false;
	return part % scale == 0 && !__builtin_add_overflow(*total, part / scale, total);
}

static int number_with_unit(const char *text, const struct unit *units, size_t count,
			    uint64_t *ret_value)
{
	const char *suffix = text + strspn(text, "0123456789");
	const char *point = *suffix == '.' && count > 1 ? suffix : NULL;
	uint64_t value = 0;

	if (point)
		suffix = point + 1 + strspn(point + 1, "0123456789");
	const struct unit *unit = unit_find(units, count, suffix);
	if (!unit || !isdigit((unsigned char)*text) || (point && point + 1 == suffix))
		return -ERR_BAD_REQUEST;
	if (!read_whole(&text, unit->factor, &value))
		return -ERR_BAD_REQUEST;
	if (point && !read_decimals(point + 1, unit->factor, &value))
		return -ERR_BAD_REQUEST;
	*ret_value = value;
	return 0;
}

int option_number(enum option_kind kind, const char *text, uint64_t *ret_value)
{
	if (kind == OPTION_RATE && strcmp(text, "unlimited") == 0) {
		*ret_value = UINT64_MAX;
		return 0;
	}
	if (kind == OPTION_TIME)
		return number_with_unit(text, time_units, ARRAY_LEN(time_units), ret_value);
	if (kind == OPTION_SIZE)
		return number_with_unit(text, size_units, ARRAY_LEN(size_units), ret_value);
	return number_with_unit(text, plain_units, ARRAY_LEN(plain_units), ret_value);
}

/* --- rows --- */

struct kind_row {
	const char *value;   /* in help */
	const char *example; /* in an error */
};

static const struct kind_row kind_rows[] = {
    [OPTION_FLAG] = {NULL, NULL},
    [OPTION_TEXT] = {"TEXT", NULL},
    [OPTION_LIST] = {"TEXT", NULL},
    [OPTION_COUNT] = {"N", "a whole number"},
    [OPTION_RATE] = {"N", "a whole number or 'unlimited'"},
    [OPTION_TIME] = {"TIME", "seconds or a number with ms, s, m or h"},
    [OPTION_SIZE] = {"SIZE", "bytes or a number with K, M or G"},
};

const char *option_value_name(const struct cli_option *row)
{
	return row->value ? row->value : kind_rows[row->kind].value;
}

static int list_add(struct text_list *list, const char *text)
{
	const char **items = reallocarray(list->items, list->count + 1, sizeof(*items));

	if (!items)
		return -ERR_NO_MEMORY;
	list->items = items;
	list->items[list->count++] = text;
	return 0;
}

static int set(const struct cli_option *row, void *options, const char *text, struct err *err)
{
	void *member = (char *)options + row->offset;
	struct number *number = member;

	if (row->kind == OPTION_FLAG) {
		*(bool *)member = true;
		return 0;
	}
	if (row->kind == OPTION_TEXT) {
		*(const char **)member = text;
		return 0;
	}
	if (row->kind == OPTION_LIST)
		return list_add(member, text);
	number->given = true;
	if (option_number(row->kind, text, &number->value) < 0)
		return err_set(err, ERR_BAD_REQUEST, "--%s takes %s, not '%.60s'", row->name,
			       kind_rows[row->kind].example, text);
	return 0;
}

/*
 * '+' stops at the first operand, ':' as the next sign tells a missing value from an unknown
 * option.
 */
static void make_tables(const struct verb *verb, struct option longs[static OPTIONS_MAX + 2],
			char shorts[static 2 * OPTIONS_MAX + 4])
{
	char *s = shorts;
	size_t n = 0;

	if (verb->passes_rest)
		*s++ = '+';
	*s++ = ':';
	*s++ = 'h';
	longs[n++] = (struct option){"help", no_argument, NULL, VALUE_HELP};
	for (size_t i = 0; i < verb->option_count && i < OPTIONS_MAX; i++) {
		const struct cli_option *row = &verb->options[i];
		bool takes = row->kind != OPTION_FLAG;
		longs[n++] = (struct option){row->name, takes ? required_argument : no_argument,
					     NULL, VALUE_ROW + (int)i};
		if (!row->letter)
			continue;
		*s++ = row->letter;
		if (takes)
			*s++ = ':';
	}
	longs[n] = (struct option){0};
	*s = '\0';
}

static const struct cli_option *row_of(const struct verb *verb, int got)
{
	if (got >= VALUE_ROW && got < VALUE_ROW + (int)verb->option_count)
		return &verb->options[got - VALUE_ROW];
	for (size_t i = 0; i < verb->option_count; i++)
		if (verb->options[i].letter == got)
			return &verb->options[i];
	return NULL;
}

int option_parse(const struct verb *verb, const char *path, int argc, char **argv, void *options,
		 bool *ret_help, struct err *err)
{
	struct option longs[OPTIONS_MAX + 2];
	char shorts[2 * OPTIONS_MAX + 4];
	int got, rc = 0;

	make_tables(verb, longs, shorts);
	opterr = 0;
	optind = 0; /* 0 and not 1: also forgets the state of an earlier call (getopt(3), glibc) */
	while (rc == 0 && (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (got == VALUE_HELP || got == 'h') {
			*ret_help = true;
			return optind;
		}
		const struct cli_option *row = row_of(verb, got);
		if (got == ':')
			rc = err_set(err, ERR_BAD_REQUEST,
				     "option '%s' needs a value; see '%s --help'", argv[optind - 1],
				     path);
		else if (!row)
			rc = err_set(err, ERR_BAD_REQUEST,
				     "there is no option '%s'; see '%s --help'", argv[optind - 1],
				     path);
		else
			rc = set(row, options, optarg, err);
	}
	return rc < 0 ? rc : optind;
}

void option_free(const struct verb *verb, void *options)
{
	for (size_t i = 0; i < verb->option_count; i++)
		if (verb->options[i].kind == OPTION_LIST)
			free(((struct text_list *)((char *)options + verb->options[i].offset))
				 ->items);
}
