/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one of our own daemons gives up what it does not need, once everything is opened: another
 * root, another user, no capability, no new privilege, a seccomp filter. Irreversible;
 * single-threaded processes only.
 */
#ifndef SG_CONFINE_CONFINE_H
#define SG_CONFINE_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct confine_plan {
	uid_t uid;           /* what to become; ignored when rootless */
	gid_t gid;
	const char *policy;  /* "front", "store", ...: policy/<name>.policy */
	const char *root;    /* directory that becomes "/", writable by uid; NULL: an empty one */
	const char *const *copies; /* with an empty root: files that are copied into it; NULL: none */
	bool rootless;       /* we are not root: do what is possible without */
};

/*
 * Carries the plan out. 0 when all of it holds. When rootless, 0 also if the new root could not be
 * had: err->text then says why (err->code stays 0), and paths with another root stay as they are
 * (*ret_root_changed, which may be NULL, tells). Otherwise -ERR_JAIL_FAILED with the step that
 * failed in err->text; the caller must exit.
 */
int confine_self(const struct confine_plan *plan, bool *ret_root_changed, struct err *err);

#endif
