/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's half of parking (ipc/park.h): the same exec as for a run, only before there is one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/park.h"
#include "unpack/launch.h"

#define PARK_ENTRIES 3

/* Pipes, as a run's streams are: interpreters look at what kind of file they have. Nothing comes or stays. */
static int place_streams(void)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -1;
	return dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0 ||
	               dup2(out[1], STDERR_FILENO) < 0
	           ? -1
	           : 0;
}

static int place_descriptors(const struct launch *launch)
{
	if (dup2(launch->channel_fd, PARK_CHANNEL_FD) < 0 || dup2(launch->park_fd, PARK_LIBRARY_FD) < 0 ||
	    dup2(launch->program_fd, PARK_PROGRAM_FD) < 0)
		return -1;
	if (close_range(PARK_PROGRAM_FD + 1, ~0u, 0) < 0)
		return -1;
	for (int i = 0; i < PARK_CGROUPS_MAX && launch->zygote; i++)
		if (launch->cgroup_fds[i] >= 0 && dup2(launch->cgroup_fds[i], PARK_CGROUP_FD + i) < 0)
			return -1;
	return 0;
}

void launch_parked(const struct launch *launch)
{
	static struct unpack program;
	static char preload[] = PARK_PRELOAD, bind_now[] = PARK_BIND_NOW;
	static char variable[sizeof(PARK_VARIABLE PARK_ZYGOTE) + MSG_NAME_BYTES];

	if (unpack_map(&program, launch->program_fd) < 0)
		return;
	if (program.header->envc > PAYLOAD_ENV_MAX - PARK_ENTRIES) {
		errno = E2BIG;
		return;
	}
	snprintf(variable, sizeof(variable), PARK_VARIABLE "%s%s", launch->zygote ? PARK_ZYGOTE : "", launch->park_file);
	program.envp[program.header->envc] = preload;
	program.envp[program.header->envc + 1] = bind_now;
	program.envp[program.header->envc + 2] = variable;
	program.envp[program.header->envc + PARK_ENTRIES] = NULL;
	if (place_streams() < 0 || place_descriptors(launch) < 0)
		return;
	execve(program.argv[0], program.argv, program.envp);
}
