/* SPDX-License-Identifier: Apache-2.0 */
#include "role/role.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "confine/confine.h"
#include "ipc/channel.h"

void role_set_log_level(const char *role, const char *level)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], level) == 0)
			log_init(role, (enum log_level)i);
}

void role_refuse_config(const char *event, const struct err *err)
{
	log_at(LOG_ERROR, event, "text=\"%s\"", err->text);
	exit(ROLE_EXIT_CONFIG);
}

void role_confine(enum role role, const struct config *config, const char *root_dir, const char *const *copies)
{
	static const enum server_uid uids[ROLE_COUNT] = {
	    [ROLE_STORE] = UID_STORE, [ROLE_FRONT] = UID_FRONT, [ROLE_COURIER] = UID_COURIER,
	    [ROLE_FETCHER] = UID_FETCHER};
	uid_t uid = (uid_t)config->uid_base + uids[role];
	struct confine_plan plan = {.uid = uid, .gid = uid, .policy = role_name(role), .root = root_dir,
	                            .copies = copies, .rootless = geteuid() != 0};
	struct err err = {0};
	bool root_changed;

	if (confine_self(&plan, &root_changed, &err) < 0)
		fatal("confine", "text=\"%s\"", err.text);
	if (!root_changed)
		log_at(LOG_WARN, "confine_partial", "text=\"%s\"", err.text);
}
