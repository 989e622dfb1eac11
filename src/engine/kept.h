/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a session as one run gets and leaves them (struct job_session). */
#ifndef SG_ENGINE_KEPT_H
#define SG_ENGINE_KEPT_H

#include "engine/job.h"

#define KEPT_HIDDEN_MAX 4

/*
 * What is the run's alone: neither does it get the session's files of these names, nor are its own kept. The program
 * that came as `code`, what the compiler makes of it, what a scanner looks at, and the home's caches. In their order,
 * as PACK_GONE; returns how many.
 */
unsigned kept_hidden(const struct job_spec *spec, struct pack_item ret_hidden[static KEPT_HIDDEN_MAX]);

/*
 * Which of the session's files the run does not get: one byte each, not 0: hidden, or in the place of a file of the
 * request. NULL out of memory; the caller frees it.
 */
unsigned char *kept_left_out(const struct job_spec *spec);

/* The index of the first item that is not before this path; item_count if there is none. */
size_t kept_place(const struct job_session *session, enum pack_root root, struct slice path);

/*
 * A memfd that asks for what has changed and, as collected_ask, for what else the spec wants. -1 with errno.
 */
int kept_ask(const struct job_spec *spec, const struct collected_limits *limits);

#endif
