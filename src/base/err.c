/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct err_row {
	const char *name;
	int status;
	bool retryable;
	const char *text;
};

static const struct err_row err_rows[ERR_COUNT] = {
    [ERR_OK] = {"ok", 200, false, ""},
#define X(name, code, status, retryable, text) [ERR_##name] = {code, status, retryable, text},
#include "base/errors.def"
#undef X
};

static const struct err_row *row_of(int code)
{
	if (code < 0)
		code = -code;
	return &err_rows[code < ERR_COUNT ? code : ERR_INTERNAL];
}

_printf_(4, 0) static int fill(struct err *err, enum err_code code, const char *field,
                               const char *fmt, va_list ap)
{
	if (err) {
		memset(err, 0, sizeof(*err));
		err->code = (int)code;
		if (field)
			snprintf(err->field, sizeof(err->field), "%s", field);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
	}
	return -(int)code;
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int rc = fill(err, code, NULL, fmt, ap);
	va_end(ap);
	return rc;
}

int err_field(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int rc = fill(err, code, field, fmt, ap);
	va_end(ap);
	return rc;
}

int err_limit(struct err *err, enum err_code code, const char *field, uint64_t limit,
              const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int rc = fill(err, code, field, fmt, ap);
	va_end(ap);
	if (err) {
		err->has_limit = true;
		err->limit = limit;
	}
	return rc;
}

const char *err_name(int code)
{
	return row_of(code)->name;
}

int err_status(int code)
{
	return row_of(code)->status;
}

bool err_retryable(int code)
{
	return row_of(code)->retryable;
}

const char *err_default_text(int code)
{
	return row_of(code)->text;
}
