/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which modules a program's text seems to import: a guess that decides how warm an interpreter it gets,
 * never what it does.
 */
#ifndef SG_ENGINE_IMPORTS_H
#define SG_ENGINE_IMPORTS_H

#include <stdbool.h>

#include "base/slice.h"

/* As a manifest has them: words like `use`, after which names of modules come, and the names to look for. */
struct imports {
	char *const *words;
	unsigned word_count;
	char *const *names;
	unsigned name_count;
};

/*
 * Whether a line of the text, or what follows a semicolon, is `import a, b.c as d`, `from b.c import d` or `use x::y z`
 * with one of the names as a, b or x::y.
 */
bool imports_any(struct slice text, const struct imports *imports);

#endif
