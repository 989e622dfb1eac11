/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for dialects, by hand: runtimes and a configuration. */
#ifndef SG_TESTS_API_WORLD_H
#define SG_TESTS_API_WORLD_H

#include "api/api.h"

/* python 3.13.5 and 3.11.2; c, compiled to "main"; javascript, not installed. */
extern const struct runtime_table world_runtimes;
/* The defaults of config.def. Not const: a test may lower a maximum and put it back. */
extern struct config world_config;

/* Parses the body and lets the dialect decode it; no headers, no path. As dialect->decode. */
int world_decode(const struct dialect *dialect, const struct api_context *api, struct slice body,
		 struct arena *arena, struct job_spec *ret_spec, struct err *err);

#endif
