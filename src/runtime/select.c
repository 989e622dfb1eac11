/* SPDX-License-Identifier: Apache-2.0 */
/* Versions and what selects them. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "runtime/runtime.h"

#define SELECTOR_BYTES_MAX 128
#define SEPARATORS	   " ,"

/* A run of digits, or a run of other symbols; dots only separate. */
struct component {
	const char *at;
	size_t len; /* 0: the end */
	bool number;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct component component_next(const char **cursor)
{
	const char *at = *cursor + strspn(*cursor, ".");
	struct component c = {at, 0, is_digit(at[0])};

	while (at[c.len] && at[c.len] != '.' && is_digit(at[c.len]) == c.number)
		c.len++;
	*cursor = at + c.len;
	return c;
}

/* By length and then by digits, so that no number is too long. */
static int compare_numbers(struct component a, struct component b)
{
	for (; a.len > 1 && a.at[0] == '0'; a.at++, a.len--)
		;
	for (; b.len > 1 && b.at[0] == '0'; b.at++, b.len--)
		;
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.at, b.at, a.len);
}

/* "3.14rc1" is before "3.14" and that before "3.14.1": text < end < number. */
static int component_rank(struct component c)
{
	return c.len == 0 ? 1 : c.number ? 2 : 0;
}

static int component_compare(struct component a, struct component b)
{
	int rank = component_rank(a) - component_rank(b);

	if (rank || a.len == 0)
		return rank;
	if (a.number)
		return compare_numbers(a, b);
	int order = memcmp(a.at, b.at, MIN_OF(a.len, b.len));
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

int version_compare(const char *a, const char *b)
{
	for (;;) {
		struct component ca = component_next(&a), cb = component_next(&b);
		int order = component_compare(ca, cb);
		if (order || ca.len == 0)
			return order;
	}
}

/* "3.1" is a prefix of "3.1.4" and of "3.1", not of "3.13". */
static bool is_prefix(const char *prefix, const char *version)
{
	for (;;) {
		struct component p = component_next(&prefix), v = component_next(&version);
		if (p.len == 0)
			return true;
		if (component_compare(p, v) != 0)
			return false;
	}
}

static bool op_any(_unused_ const char *version, _unused_ const char *term)
{
	return true;
}

static bool op_prefix(const char *version, const char *term)
{
	return is_prefix(term, version);
}

static bool op_equal(const char *version, const char *term)
{
	return version_compare(version, term) == 0;
}

static bool op_least(const char *version, const char *term)
{
	return version_compare(version, term) >= 0;
}

static bool op_most(const char *version, const char *term)
{
	return version_compare(version, term) <= 0;
}

static bool op_above(const char *version, const char *term)
{
	return version_compare(version, term) > 0;
}

static bool op_below(const char *version, const char *term)
{
	return version_compare(version, term) < 0;
}

/* The longer sign first; "" takes what has none. */
static const struct op {
	const char *sign;
	bool (*holds)(const char *version, const char *term);
} ops[] = {
    {">=", op_least}, {"<=", op_most}, {"==", op_equal}, {"=", op_equal},
    {">", op_above},  {"<", op_below}, {"", op_prefix},
};

static const struct op op_whole = {"*", op_any};

static const struct op *op_of(const char **term)
{
	const struct op *op = ops;

	if (strcmp(*term, "*") == 0)
		return &op_whole;
	while (strncmp(*term, op->sign, strlen(op->sign)) != 0)
		op++;
	*term += strlen(op->sign);
	return op;
}

static bool is_version(const char *text)
{
	if (!isalnum((unsigned char)text[0]))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(".+-_~", *text))
			return false;
	return true;
}

/* A selector as the text between separators, each NUL-terminated; empty ones lie between ", ". */
struct selector {
	char text[SELECTOR_BYTES_MAX + 1];
	size_t len;
};

static const char *term_next(const struct selector *selector, size_t *cursor)
{
	while (*cursor < selector->len && selector->text[*cursor] == '\0')
		(*cursor)++;
	if (*cursor >= selector->len)
		return NULL;
	const char *term = selector->text + *cursor;
	*cursor += strlen(term);
	return term;
}

/* ">= 3.11" is one term: the space behind a sign is dropped. False: malformed. */
static bool selector_parse(struct selector *ret_selector, const char *text, size_t len)
{
	struct selector s = {.len = 0};
	size_t cursor = 0;

	if (len > SELECTOR_BYTES_MAX || memchr(text, '\0', len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == ' ' && s.len > 0 && strchr("<>=", s.text[s.len - 1]) &&
		    s.text[s.len - 1])
			continue;
		s.text[s.len++] = strchr(SEPARATORS, text[i]) ? '\0' : text[i];
	}
	for (const char *term; (term = term_next(&s, &cursor));)
		if (op_of(&term) != &op_whole && !is_version(term))
			return false;
	*ret_selector = s;
	return true;
}

static bool selector_matches(const struct selector *selector, const char *version)
{
	size_t cursor = 0;

	for (const char *term; (term = term_next(selector, &cursor));)
		if (!op_of(&term)->holds(version, term))
			return false;
	return true;
}

const struct runtime_version *runtime_select(const struct runtime *runtime, const char *selector,
					     size_t len, bool *ret_valid)
{
	struct selector parsed;

	*ret_valid = selector_parse(&parsed, len ? selector : "", len);
	for (unsigned i = 0; *ret_valid && i < runtime->version_count; i++)
		if (selector_matches(&parsed, runtime->versions[i].version))
			return &runtime->versions[i];
	return NULL;
}

static bool is_name(const char *name, const char *wanted, size_t len)
{
	return strlen(name) == len && strncasecmp(name, wanted, len) == 0;
}

const struct runtime *runtime_find(const struct runtime_table *table, const char *name, size_t len)
{
	for (unsigned i = 0; i < table->count; i++) {
		const struct runtime *runtime = &table->runtimes[i];
		if (is_name(runtime->id, name, len))
			return runtime;
		for (unsigned j = 0; j < runtime->alias_count; j++)
			if (is_name(runtime->aliases[j], name, len))
				return runtime;
	}
	return NULL;
}

/* --- flags --- */

/* One of "c99,c11}". */
static bool in_set(const char *set, const char *value, size_t len)
{
	for (; *set && *set != '}'; set += *set == ',') {
		size_t entry = strcspn(set, ",}");
		if (entry == len && memcmp(set, value, len) == 0)
			return true;
		set += entry;
	}
	return false;
}

static bool flag_matches(const char *allowed, const char *flag, size_t len)
{
	size_t plain = strcspn(allowed, "{");

	if (!allowed[plain])
		return plain == len && memcmp(allowed, flag, len) == 0;
	return len > plain && memcmp(allowed, flag, plain) == 0 &&
	       in_set(allowed + plain + 1, flag + plain, len - plain);
}

bool runtime_allows_flag(const struct runtime_version *version, const char *flag, size_t len)
{
	for (unsigned i = 0; i < version->flag_count; i++)
		if (flag_matches(version->flags[i], flag, len))
			return true;
	return false;
}
