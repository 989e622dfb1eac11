/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the recipe: cgroup, descriptors, namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "confine/creds.h"
#include "sandbox/jail.h"
#include "sandbox/world.h"

#define CHANNEL_FD 3

int step_cgroup(struct jail_plan *plan)
{
	return cgroup_enter(plan->cgroups, plan->cgroup);
}

int step_descriptors(struct jail_plan *plan)
{
	if (plan->channel_fd != CHANNEL_FD && dup3(plan->channel_fd, CHANNEL_FD, O_CLOEXEC) < 0)
		return -1;
	plan->channel_fd = CHANNEL_FD;
	if (close_range(CHANNEL_FD + 1, ~0u, 0) < 0)
		return -1;
	_close_ int null_fd = open(WORLD_DEV "/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null_fd, fd) < 0)
			return -1;
	return 0;
}

int step_user_map(struct jail_plan *plan)
{
	return plan->rootless ? creds_map_ids(plan->uid, plan->uid) : 0;
}

int step_namespaces(struct jail_plan *plan)
{
	static const struct {
		unsigned wall;
		int flag;
	} rows[] = {
	    {WALL_IPCNS, CLONE_NEWIPC}, {WALL_UTSNS, CLONE_NEWUTS}, {WALL_NETNS, CLONE_NEWNET},
	    {WALL_CGROUPNS, CLONE_NEWCGROUP},
	};
	int flags = CLONE_NEWNS; /* the spawner's mounts are private, so are the copies */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!plan_lacks(plan, rows[i].wall))
			flags |= rows[i].flag;
	return unshare(flags);
}

int step_hostname(struct jail_plan *plan _unused_)
{
	static const char name[] = "sandbox";

	return sethostname(name, sizeof(name) - 1);
}

int step_loopback(struct jail_plan *plan _unused_)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
}
