/* SPDX-License-Identifier: Apache-2.0 */
/* Which programs are looked at before they run, and that nothing of theirs runs before that. */
#ifndef SG_API_GUARD_H
#define SG_API_GUARD_H

#include "api/api.h"

/* Whether the setting `scan` names only formats that there are. 0 or -ERR_CONFIG. */
int guard_check(const struct config *config, struct err *err);

/* Whether programs that came in that dialect are looked at. */
bool guard_looks(const struct config *config, const struct dialect *dialect);

/*
 * To be called with every decoded job: puts the scanner in its program's place where the configuration wants that of
 * this dialect, or the dialect has asked to run it as text. 0, -ERR_INVALID_FIELD (a variable or file that would
 * run before), or -ERR_NOT_IMPLEMENTED (this server has no scanner).
 */
int guard_apply(const struct api_context *api, const struct dialect *dialect, struct job_spec *spec,
		struct err *err);

#endif
