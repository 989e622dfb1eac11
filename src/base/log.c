/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE_BYTES 1024
#define EXIT_SOFTWARE  70 /* sysexits.h: EX_SOFTWARE */

static const char *log_role = "sandglass";
static enum log_level log_least = LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_init(const char *role, enum log_level least)
{
	log_role = role;
	log_least = least;
}

static size_t log_prefix(char *line, size_t cap, enum log_level level, const char *event)
{
	struct timespec ts;
	struct tm tm;
	char when[32];

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	return (size_t)snprintf(line, cap, "ts=%s.%03ldZ level=%s role=%s pid=%d event=%s", when,
	                        ts.tv_nsec / (long)NS_PER_MS, level_names[level], log_role,
	                        (int)getpid(), event);
}

_printf_(3, 0) static void log_line(enum log_level level, const char *event, const char *fmt, va_list ap)
{
	char line[LOG_LINE_BYTES];
	size_t used = log_prefix(line, sizeof(line) - 1, level, event);

	if (fmt[0] && used + 2 < sizeof(line)) {
		line[used++] = ' ';
		int more = vsnprintf(line + used, sizeof(line) - 1 - used, fmt, ap);
		if (more > 0)
			used += (size_t)more;
	}
	used = MIN_OF(used, sizeof(line) - 2);
	line[used++] = '\n';
	/* A log that cannot be written must not stop the server. */
	ssize_t ignored _unused_ = write(STDERR_FILENO, line, used);
}

void log_at(enum log_level level, const char *event, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (level < log_least)
		return;
	va_start(ap, fmt);
	log_line(level, event, fmt, ap);
	va_end(ap);
	errno = saved;
}

const char *log_quote(char *out, size_t cap, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	out[n++] = '"';
	for (size_t i = 0; i < len && n + 6 < cap; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)c;
		} else if (c < 0x20 || c >= 0x7f) {
			out[n++] = '\\';
			out[n++] = 'x';
			out[n++] = hex[c >> 4];
			out[n++] = hex[c & 15];
		} else {
			out[n++] = (char)c;
		}
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

void fatal(const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_ERROR, event, fmt, ap);
	va_end(ap);
	_exit(EXIT_SOFTWARE);
}
