/* SPDX-License-Identifier: Apache-2.0 */
#include "role/role.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "confine/confine.h"

void role_ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

void role_set_log_level(const char *role, const char *level)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], level) == 0)
			log_init(role, (enum log_level)i);
}
