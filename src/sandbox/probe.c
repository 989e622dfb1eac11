/* SPDX-License-Identifier: Apache-2.0 */
/* Which walls really stand, seen from outside of a finished jail. */
#define _GNU_SOURCE
#include "sandbox/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "confine/landlock.h"

#define STATUS_BYTES 4096
#define MOUNTS_BYTES 32768

struct facts {
	const struct jail_plan *plan;
	int proc_fd;      /* the host's /proc */
	pid_t launcher;
	char status[STATUS_BYTES]; /* of /proc/PID of the launcher */
	char limits[STATUS_BYTES];
	char mountinfo[MOUNTS_BYTES];
};

/* A wall that is seen in the launcher's namespaces: another one than ours. */
static const struct {
	unsigned wall;
	const char *name;
} namespaces[] = {
    {WALL_PIDNS, "pid"}, {WALL_MOUNTNS, "mnt"}, {WALL_IPCNS, "ipc"},       {WALL_UTSNS, "uts"},
    {WALL_NETNS, "net"}, {WALL_USERNS, "user"}, {WALL_CGROUPNS, "cgroup"},
};

/* A wall that is seen in a file of the launcher's: the text must be there. */
static const struct {
	unsigned wall;
	size_t file; /* offset in struct facts */
	const char *text;
} texts[] = {
    {WALL_UID, offsetof(struct facts, status), "\nGroups:\t \n"},
    {WALL_CAPS, offsetof(struct facts, status),
     "\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
     "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n"},
    {WALL_NNP, offsetof(struct facts, status), "\nNoNewPrivs:\t1\n"},
    {WALL_SECCOMP, offsetof(struct facts, status), "\nSeccomp:\t2\n"},
    {WALL_RLIMITS, offsetof(struct facts, limits), "\nMax locked memory         65536 "},
    {WALL_PROC_MASK, offsetof(struct facts, mountinfo), " /proc/sys "},
    {WALL_NOSYMFOLLOW, offsetof(struct facts, mountinfo), "nosymfollow"},
};

static void read_fact(int proc_fd, pid_t pid, const char *name, char *out, size_t cap)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
	_close_ int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd_read_all(fd, out, cap - 1); /* mountinfo comes a page at a time */
	out[MAX_OF(n, 0)] = '\0';
}

/* The launcher is the child of pid 1. */
static pid_t find_launcher(int proc_fd, pid_t pid1)
{
	char name[32], text[32];

	snprintf(name, sizeof(name), "task/%d/children", (int)pid1);
	read_fact(proc_fd, pid1, name, text, sizeof(text));
	return (pid_t)strtol(text, NULL, 10);
}

static bool is_other_namespace(const struct facts *facts, const char *name)
{
	char path[64];
	struct stat jail, ours;

	snprintf(path, sizeof(path), "self/ns/%s", name);
	if (fstatat(facts->proc_fd, path, &ours, 0) < 0)
		return false;
	snprintf(path, sizeof(path), "%d/ns/%s", (int)facts->launcher, name);
	/*
	 * not dumpable and in another user namespace: only root may look, and the steps have
	 * succeeded
	 */
	if (fstatat(facts->proc_fd, path, &jail, 0) < 0)
		return facts->plan->rootless && (errno == EACCES || errno == EPERM);
	return ours.st_ino != jail.st_ino;
}

static void set(struct msg_walls *walls, unsigned wall, enum wall_state state, const char *why)
{
	walls->state[wall] = state;
	snprintf(walls->why[wall], MSG_TEXT_BYTES, "%s", why);
}

static void check_cgroup(const struct cgroup *cgroup, struct msg_walls *walls)
{
	char why[MSG_TEXT_BYTES];

	snprintf(why, sizeof(why), "cgroup v%u: memory, pids, cpu%s", cgroup->room->version,
	         cgroup->room->swap ? "" : "; swap is not counted by this kernel");
	if (cgroup_read(cgroup, CGROUP_CPU) > 0)
		set(walls, WALL_CGROUP, WALL_ON, why);
	else
		set(walls, WALL_CGROUP, WALL_OFF, "the jail's CPU time is not counted");
}

static void check_landlock(struct msg_walls *walls)
{
	char why[MSG_TEXT_BYTES];
	int abi = landlock_abi();

	snprintf(why, sizeof(why), "Landlock ABI %d: files%s%s", abi,
		 abi < 3 ? " without truncation" : "",
		 abi >= 6 ? ", abstract sockets, signals" : "");
	set(walls, WALL_LANDLOCK, abi ? WALL_ON : WALL_OFF,
	    abi ? why : "this kernel has no Landlock");
}

/* What is as it is for a reason. */
static void explain(const struct jail_plan *plan, struct msg_walls *walls)
{
	if (plan->rootless)
		set(walls, WALL_UID, WALL_PARTIAL,
		    "without root all runs have the server's user id, each in a user namespace of "
		    "its own");
	else
		set(walls, WALL_USERNS, WALL_PARTIAL,
		    "not needed: the server is root, and every run has a user id of its own");
	if (!plan->nosymfollow)
		set(walls, WALL_NOSYMFOLLOW, WALL_PARTIAL, "turned off by the configuration");
}

static void look(const struct facts *facts, struct msg_walls *walls)
{
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		if (!is_other_namespace(facts, namespaces[i].name))
			set(walls, namespaces[i].wall, WALL_OFF, "the jail shares the server's");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!strstr((const char *)facts + texts[i].file, texts[i].text))
			set(walls, texts[i].wall, WALL_OFF, "it does not show in /proc of a jail");
	check_cgroup(facts->plan->cgroup, walls);
	check_landlock(walls);
	explain(facts->plan, walls);
}

void probe_walls(int proc_fd, pid_t pid1, const struct jail_plan *plan, struct msg_walls *walls)
{
	static struct facts facts;
	struct msg_walls seen = {0};

	facts.plan = plan;
	facts.proc_fd = proc_fd;
	facts.launcher = find_launcher(proc_fd, pid1);
	read_fact(proc_fd, facts.launcher, "status", facts.status, sizeof(facts.status));
	read_fact(proc_fd, facts.launcher, "limits", facts.limits, sizeof(facts.limits));
	read_fact(proc_fd, facts.launcher, "mountinfo", facts.mountinfo, sizeof(facts.mountinfo));
	for (unsigned i = 0; i < WALL_COUNT; i++)
		seen.state[i] = WALL_ON;
	look(&facts, &seen);
	for (unsigned i = 0; i < WALL_COUNT; i++)
		if (!walls->why[i][0])
			set(walls, i, (enum wall_state)seen.state[i], seen.why[i]);
}
