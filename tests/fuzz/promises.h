/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine and the jail rely on in a decoded job, whatever format it came in. */
#ifndef SG_TESTS_FUZZ_PROMISES_H
#define SG_TESTS_FUZZ_PROMISES_H

#include "engine/job.h"

/* Limits of requests so small that short inputs reach them. */
void promises_shrink_world(void);
/* Ends the process if one is broken. ours: bytes of files that the server itself may have added. */
void promises_check(const struct job_spec *spec, const struct key_limits *key, uint64_t ours);
void promises_check_json(struct slice text, const char *what);

#endif
