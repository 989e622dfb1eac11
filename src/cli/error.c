/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"

struct exit_row {
	enum err_code err;
	enum cli_exit code;
};

/* Codes that are not here: 4xx is the caller's data, the rest is ours. */
static const struct exit_row exit_rows[] = {
    {ERR_BAD_REQUEST, EXIT_CODE_USAGE},
    {ERR_INVALID_FIELD, EXIT_CODE_USAGE},
    {ERR_UNAUTHENTICATED, EXIT_CODE_NO_PERM},
    {ERR_FORBIDDEN, EXIT_CODE_NO_PERM},
    {ERR_RATE_LIMITED, EXIT_CODE_AGAIN},
    {ERR_QUEUE_FULL, EXIT_CODE_AGAIN},
    {ERR_UNAVAILABLE, EXIT_CODE_AGAIN},
    {ERR_DRAINING, EXIT_CODE_AGAIN},
    {ERR_IO, EXIT_CODE_IO},
    {ERR_STORE, EXIT_CODE_IO},
    {ERR_CONFIG, EXIT_CODE_CONFIG},
    {ERR_MANIFEST, EXIT_CODE_CONFIG},
    {ERR_IMAGE, EXIT_CODE_CONFIG},
    {ERR_CLOSED, EXIT_CODE_UNAVAILABLE},
};

enum cli_exit cli_exit_of(int err_code)
{
	if (err_code < 0)
		err_code = -err_code;
	for (size_t i = 0; i < ARRAY_LEN(exit_rows); i++)
		if ((int)exit_rows[i].err == err_code)
			return exit_rows[i].code;
	return err_status(err_code) < 500 ? EXIT_CODE_DATA : EXIT_CODE_SOFTWARE;
}

int cli_fail(enum cli_exit code, const char *fmt, ...)
{
	va_list ap;

	fputs("sandglass: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return (int)code;
}

int cli_fail_err(const struct err *err)
{
	const char *text = err->text[0] ? err->text : err_default_text(err->code);

	return cli_fail(cli_exit_of(err->code), "%s", text);
}
