/* SPDX-License-Identifier: Apache-2.0 */
/* Which walls really stand, seen from outside of a finished jail. */
#ifndef SG_SANDBOX_PROBE_H
#define SG_SANDBOX_PROBE_H

#include <sys/types.h>

#include "ipc/messages.h"
#include "sandbox/cgroup.h"

struct probe {
	int proc_fd;             /* the host's /proc */
	pid_t pid1;              /* of the jail */
	const struct cgroup *cgroup;
	bool rootless, nosymfollow;
};

/*
 * Compares the jail with this process and fills state and why of every wall that *walls does not
 * have as off already (from a step that failed).
 */
void probe_walls(const struct probe *probe, struct msg_walls *walls);

#endif
