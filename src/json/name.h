/* SPDX-License-Identifier: Apache-2.0 */
/* Which name somebody may have meant. */
#ifndef SG_JSON_NAME_H
#define SG_JSON_NAME_H

#include <limits.h>

#include "base/slice.h"

/*
 * How far what was written is from a name we know: 0 if they differ in case and underscores only, a
 * few for slips of the keyboard, UINT_MAX if one was hardly meant for the other.
 */
unsigned name_distance(struct slice written, struct slice name);

#endif
