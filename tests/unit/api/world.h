/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for dialects, by hand: runtimes and a configuration. */
#ifndef SG_TESTS_API_WORLD_H
#define SG_TESTS_API_WORLD_H

#include "api/api.h"

/* python 3.13.5 and 3.11.2; c, compiled to "main"; javascript, not installed. */
extern const struct runtime_table world_runtimes;
/* The defaults of config.def. Not const: a test may lower a maximum and put it back. */
extern struct config world_config;

#endif
