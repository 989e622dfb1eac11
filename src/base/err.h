/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors. Functions return 0 or a negative code of errors.def; where a person reads the reason they
 * also fill a struct err. Three kinds are never mixed: the program's failure is a result and not an
 * error at all; the caller's has an HTTP status of 4xx; ours has 5xx.
 */
#ifndef SG_BASE_ERR_H
#define SG_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

enum err_code {
	ERR_OK = 0,
#define X(name, code, status, retryable, text) ERR_##name,
#include "base/errors.def"
#undef X
	ERR_COUNT
};

struct err {
	int code;         /* enum err_code, positive; 0 while unset */
	char field[96];   /* the request field or file at fault, "" if none */
	bool has_limit;
	uint64_t limit;   /* the limit that was passed, in the field's own unit */
	char text[320];   /* one sentence that says what to do */
};

/* Fills *err (which may be NULL) with code and a sentence, clears field and limit; returns -code. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) _printf_(3, 4);
/* The same for a named field of the request. */
int err_field(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
    _printf_(4, 5);
/* The same for a field that passed its limit. */
int err_limit(struct err *err, enum err_code code, const char *field, uint64_t limit,
              const char *fmt, ...) _printf_(5, 6);

/* Facts of one code; a code out of range is treated as ERR_INTERNAL. code may be negative. */
const char *err_name(int code);      /* "invalid_json": what clients match on */
int err_status(int code);            /* HTTP status */
bool err_retryable(int code);
const char *err_default_text(int code);

#endif
