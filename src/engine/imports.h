/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which modules a program's text seems to import: a guess that decides how warm an interpreter it gets,
 * never what it does.
 */
#ifndef SG_ENGINE_IMPORTS_H
#define SG_ENGINE_IMPORTS_H

#include <stdbool.h>

#include "base/slice.h"

/* Whether a line of the text is `import a, b.c as d` or `from b.c import d` with one of the names as a or b. */
bool imports_any(struct slice text, char *const *names, unsigned count);

#endif
