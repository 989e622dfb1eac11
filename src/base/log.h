/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one logfmt line per event on stderr, one write() each, so that lines of several processes
 * never mix. Only roles and the command line log; rooms return. Values never hold what users sent,
 * except through log_quote.
 */
#ifndef SG_BASE_LOG_H
#define SG_BASE_LOG_H

#include "base/util.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* role is a literal that stands in every line ("front"). */
void log_init(const char *role, enum log_level least);

/*
 * log_at(LOG_INFO, "slot_ready", "slot=%u took_us=%u", n, us): event is a literal in snake_case, the
 * rest are key=value pairs. Keeps errno.
 */
void log_at(enum log_level level, const char *event, const char *fmt, ...) _printf_(3, 4);

/* Makes any text safe as a logfmt value: quotes, escapes controls, cuts to cap-1 bytes. Returns out. */
const char *log_quote(char *out, size_t cap, const char *text, size_t len);

/* A broken invariant, or nonsense from a more trusted peer: logs and exits with 70; the parent restarts us. */
_noreturn_ void fatal(const char *event, const char *fmt, ...) _printf_(2, 3);

#endif
