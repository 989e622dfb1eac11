/* SPDX-License-Identifier: Apache-2.0 */
/* What the mains of our processes share: the inherited descriptor, ids, signals. */
#ifndef SG_ROLE_ROLE_H
#define SG_ROLE_ROLE_H

#include <signal.h>
#include <stdint.h>

#include "base/util.h"
#include "ipc/messages.h"

struct config;
struct err;

#define ROLE_PARENT_FD   3  /* the channel to the parent */
#define ROLE_EXIT_CONFIG 78 /* sysexits.h: EX_CONFIG */

/*
 * Children ignore what a terminal sends to the whole group (the parent drains them by message) and
 * SIGPIPE.
 */
static inline void role_ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
}
void role_set_log_level(const char *role, const char *level);
/* What the operator wrote cannot be used: logs why and exits with ROLE_EXIT_CONFIG, at which the parent gives up. */
_Noreturn void role_refuse_config(const char *event, const struct err *err);
/*
 * Locks the process up as policy/<role>.policy says, below root_dir (NULL: an empty directory, with copies of these
 * files unless copies is NULL); fatal when any part of it fails. Without root only what an ordinary user may do to itself is done.
 */
void role_confine(enum role role, const struct config *config, const char *root_dir, const char *const *copies);

#endif
