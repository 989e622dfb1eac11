/* SPDX-License-Identifier: Apache-2.0 */
#include "headers.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define BEGIN_BYTES  16384 /* of a source that are looked at */
#define NEEDS_MAX    4

/* The one that saves most first. */
static const struct {
	const char *path;
	const char *needs[NEEDS_MAX];
} sets[] = {
    {HEADERS_DIR "everything.h", {"bits/stdc++.h"}},
    {HEADERS_DIR "algorithm.h", {"iostream", "vector", "algorithm"}},
    {HEADERS_DIR "vector.h", {"iostream", "vector"}},
    {HEADERS_DIR "iostream.h", {"iostream"}},
};

/* Headers that may come in any order: the standard library's. */
static const char *const standard[] = {
    "algorithm",
    "any",
    "array",
    "atomic",
    "barrier",
    "bit",
    "bits/stdc++.h",
    "bitset",
    "cassert",
    "cctype",
    "cerrno",
    "cfenv",
    "cfloat",
    "charconv",
    "chrono",
    "cinttypes",
    "climits",
    "clocale",
    "cmath",
    "codecvt",
    "compare",
    "complex",
    "concepts",
    "condition_variable",
    "coroutine",
    "csetjmp",
    "csignal",
    "cstdarg",
    "cstddef",
    "cstdint",
    "cstdio",
    "cstdlib",
    "cstring",
    "ctime",
    "cuchar",
    "cwchar",
    "cwctype",
    "deque",
    "exception",
    "execution",
    "expected",
    "filesystem",
    "format",
    "forward_list",
    "fstream",
    "functional",
    "future",
    "generator",
    "initializer_list",
    "iomanip",
    "ios",
    "iosfwd",
    "iostream",
    "istream",
    "iterator",
    "latch",
    "limits",
    "list",
    "locale",
    "map",
    "memory",
    "memory_resource",
    "mutex",
    "new",
    "numbers",
    "numeric",
    "optional",
    "ostream",
    "print",
    "queue",
    "random",
    "ranges",
    "ratio",
    "regex",
    "scoped_allocator",
    "semaphore",
    "set",
    "shared_mutex",
    "source_location",
    "span",
    "spanstream",
    "sstream",
    "stack",
    "stacktrace",
    "stdexcept",
    "stdfloat",
    "stop_token",
    "streambuf",
    "string",
    "string_view",
    "syncstream",
    "system_error",
    "thread",
    "tuple",
    "type_traits",
    "typeindex",
    "typeinfo",
    "unordered_map",
    "unordered_set",
    "utility",
    "valarray",
    "variant",
    "vector",
    "version",
    "assert.h",
    "ctype.h",
    "errno.h",
    "float.h",
    "inttypes.h",
    "limits.h",
    "math.h",
    "stddef.h",
    "stdint.h",
    "stdio.h",
    "stdlib.h",
    "string.h",
    "time.h",
};

/* Of each set, which of the headers it needs were there. */
struct found {
	bool needs[COUNT(sets)][NEEDS_MAX];
};

static bool is_standard(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(standard); i++)
		if (strlen(standard[i]) == len && memcmp(standard[i], name, len) == 0)
			return true;
	return false;
}

static void note(struct found *found, const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		for (size_t j = 0; j < NEEDS_MAX && sets[i].needs[j]; j++)
			if (strlen(sets[i].needs[j]) == len &&
			    memcmp(sets[i].needs[j], name, len) == 0)
				found->needs[i][j] = true;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Behind blanks, lines and comments; NULL if a comment does not end. */
static const char *skip_space(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (strncmp(at, "//", 2) == 0) {
			at += strcspn(at, "\n");
		} else if (strncmp(at, "/*", 2) == 0) {
			at = strstr(at + 2, "*/");
			if (!at)
				return NULL;
			at += 2;
		} else {
			return at;
		}
	}
}

/* Behind `#include <NAME>` and the end of its line, or NULL. A comment in it is too much for us. */
static const char *read_include(const char *at, struct found *found)
{
	if (*at != '#')
		return NULL;
	at = skip_blanks(at + 1);
	if (strncmp(at, "include", 7) != 0)
		return NULL;
	at = skip_blanks(at + 7);
	size_t len = *at == '<' ? strcspn(at + 1, "<>\"\n") : 0;
	if (len == 0 || at[1 + len] != '>' || !is_standard(at + 1, len))
		return NULL;
	const char *end = at + 1 + len + 1;
	end += strspn(end, " \t\r");
	if (*end != '\n' && strncmp(end, "//", 2) != 0)
		return NULL;
	note(found, at + 1, len);
	return end;
}

/* The beginning of a file as far as lines are what they look like: without trigraphs and joined
 * lines. */
static bool read_begin(const char *path, char text[static BEGIN_BYTES + 1])
{
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, BEGIN_BYTES, file) : 0;

	if (file)
		fclose(file);
	text[len] = '\0';
	const char *joined = strchr(text, '\\'), *trigraph = strstr(text, "?\?/");
	if (joined)
		text[joined - text] = '\0';
	if (trigraph)
		text[trigraph - text] = '\0';
	return text[0] != '\0';
}

static bool has_all(const struct found *found, size_t set)
{
	for (size_t j = 0; j < NEEDS_MAX && sets[set].needs[j]; j++)
		if (!found->needs[set][j])
			return false;
	return true;
}

const char *headers_for(const char *source)
{
	static char text[BEGIN_BYTES + 1];
	struct found found = {.needs = {{false}}};
	const char *at = text;

	if (!read_begin(source, text))
		return NULL;
	while ((at = skip_space(at)) && (at = read_include(at, &found)))
		;
	for (size_t i = 0; i < COUNT(sets); i++)
		if (has_all(&found, i) && access(sets[i].path, R_OK) == 0)
			return sets[i].path;
	return NULL;
}

void headers_show(void)
{
	for (size_t i = 0; i < COUNT(sets); i++) {
		printf("%s", sets[i].path);
		for (size_t j = 0; j < NEEDS_MAX && sets[i].needs[j]; j++)
			printf(" %s", sets[i].needs[j]);
		putchar('\n');
	}
}
