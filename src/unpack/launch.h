/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of making a jail once every wall stands: a run is awaited and becomes the program. */
#ifndef SG_UNPACK_LAUNCH_H
#define SG_UNPACK_LAUNCH_H

#include <stdbool.h>

#include "base/util.h"
#include "ipc/park.h"
#include "unpack/take.h"

struct launch {
	int channel_fd;        /* to the spawner; the slot's end */
	int work_fd;           /* PAYLOAD_WORK_DIR, where the process is */
	int program_fd;        /* an interpreter to start and park, as a payload; -1: none */
	int park_fd;           /* with it: the library that does so */
	const char *park_file; /* and the file it is not to open before a run has come */
	bool park_compiler;    /* it is for the compile stage */
	bool alone;            /* the pid namespace holds nothing but this jail */
	bool zygote;           /* the interpreter is to be forked from, for jails that it finds by... */
	int cgroup_fds[PARK_CGROUPS_MAX]; /* ...the directories with their cgroups; -1: none */
};

_noreturn_ void launch_main(struct launch *launch);

/* Starts the interpreter that is to be parked, with the launcher's channel. errno says why it returns. */
void launch_parked(const struct launch *launch);

/* Takes the faults of a fresh fork ahead of need. */
void launch_populate(void);

/* For pid 1, while it may still do that: no child shall end unnoticed. */
void launch_expect(void);
/*
 * The rest of the life of pid 1: waits until the program has ended, which may yet have to come from a zygote,
 * and reaps what else dies meanwhile. When it has said so it is killed, and with it everything that is left in the pid
 * namespace.
 */
_noreturn_ void launch_wait(const struct launch *launch, pid_t program);

#endif
