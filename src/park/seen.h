/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an interpreter looked for in the working directory before a run had come: a configuration, a module
 * of the request's. It was not there; if the run brings it, the interpreter is started anew, with it.
 */
#ifndef SG_PARK_SEEN_H
#define SG_PARK_SEEN_H

#include <stdbool.h>

/* A name below the working directory. */
void seen_add(const char *name);
/* One of them is there now, or there were more than could be kept. */
bool seen_any_there(int work_fd);

#endif
