/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox/landlock.h"

#define STATUS_BYTES 4096
#define MOUNTS_BYTES 32768

struct facts {
	const struct probe *probe;
	pid_t launcher;
	char status[STATUS_BYTES]; /* /proc/PID/status of the launcher */
	char mounts[MOUNTS_BYTES]; /* its mountinfo */
};

_printf_(2, 3) static enum wall_state off(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, MSG_TEXT_BYTES, fmt, ap);
	va_end(ap);
	return WALL_OFF;
}

static void say(char *why, const char *text)
{
	snprintf(why, MSG_TEXT_BYTES, "%s", text);
}

/* The number after "Name:" in the launcher's status; -1 if there is none. */
static long long field(const struct facts *facts, const char *name, int base)
{
	const char *at = strstr(facts->status, name);

	return at ? (long long)strtoull(at + strlen(name), NULL, base) : -1;
}

static enum wall_state own_namespace(const struct facts *facts, const char *name, char *why)
{
	char path[64];
	struct stat jail, ours;

	snprintf(path, sizeof(path), "%d/ns/%s", (int)facts->launcher, name);
	if (fstatat(facts->probe->proc_fd, path, &jail, 0) < 0) {
		/* not dumpable, and of another user namespace: only root may look */
		if (errno == EACCES || errno == EPERM)
			return WALL_ON;
		return off(why, "there is no %s namespace to look at", name);
	}
	snprintf(path, sizeof(path), "self/ns/%s", name);
	if (fstatat(facts->probe->proc_fd, path, &ours, 0) < 0 || ours.st_ino == jail.st_ino)
		return off(why, "the jail shares the server's %s namespace", name);
	return WALL_ON;
}

#define NAMESPACE(wall, name)                                                                      \
	static enum wall_state check_##wall(const struct facts *facts, char *why)                  \
	{                                                                                          \
		return own_namespace(facts, name, why);                                            \
	}
NAMESPACE(PIDNS, "pid")
NAMESPACE(MOUNTNS, "mnt")
NAMESPACE(IPCNS, "ipc")
NAMESPACE(UTSNS, "uts")
NAMESPACE(NETNS, "net")
NAMESPACE(CGROUPNS, "cgroup")

static enum wall_state check_CGROUP(const struct facts *facts, char *why)
{
	const struct cgroup_room *room = facts->probe->cgroups;

	if (!room->version)
		return off(why, "no cgroup with memory, pids and cpu");
	if (cgroup_read(room, facts->probe->cgroup, CGROUP_CPU) == 0)
		return off(why, "the jail's CPU time is not counted");
	snprintf(why, MSG_TEXT_BYTES, "cgroup v%u: memory, pids, cpu%s", room->version,
	         room->swap ? "" : "; swap is not counted by this kernel");
	return WALL_ON;
}

static enum wall_state check_USERNS(const struct facts *facts, char *why)
{
	if (facts->probe->rootless)
		return own_namespace(facts, "user", why);
	say(why, "not needed: the server is root, and every run has a user id of its own");
	return WALL_PARTIAL;
}

static enum wall_state check_UID(const struct facts *facts, char *why)
{
	if (!facts->probe->rootless)
		return field(facts, "\nUid:", 10) > 0 ? WALL_ON : off(why, "the jail runs as root");
	say(why, "without root all runs have the server's user id, each in a user namespace of its own");
	return WALL_PARTIAL;
}

static enum wall_state check_PROC_MASK(const struct facts *facts, char *why)
{
	return strstr(facts->mounts, " /proc/sys ") ? WALL_ON : off(why, "nothing lies over /proc");
}

static enum wall_state check_NOSYMFOLLOW(const struct facts *facts, char *why)
{
	if (!facts->probe->nosymfollow) {
		say(why, "turned off by the configuration");
		return WALL_PARTIAL;
	}
	return strstr(facts->mounts, "nosymfollow") ? WALL_ON : off(why, "this kernel is older than Linux 5.10");
}

static enum wall_state check_CAPS(const struct facts *facts, char *why)
{
	static const char *const sets[] = {"\nCapInh:", "\nCapPrm:", "\nCapEff:", "\nCapBnd:", "\nCapAmb:"};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		if (field(facts, sets[i], 16) != 0)
			return off(why, "%s is not empty", sets[i] + 1);
	return WALL_ON;
}

static enum wall_state check_NNP(const struct facts *facts, char *why)
{
	return field(facts, "\nNoNewPrivs:", 10) == 1 ? WALL_ON : off(why, "no_new_privs is not set");
}

static enum wall_state check_RLIMITS(const struct facts *facts, char *why)
{
	char path[32], text[STATUS_BYTES], core[64] = "";
	const char *at;

	snprintf(path, sizeof(path), "%d/limits", (int)facts->launcher);
	if (fd_read_file_at(facts->probe->proc_fd, path, text, sizeof(text)) <= 0 ||
	    !(at = strstr(text, "Max core file size")))
		return off(why, "the limits cannot be read");
	sscanf(at, "Max core file size %60s", core);
	return strcmp(core, "0") == 0 ? WALL_ON : off(why, "core dumps are not turned off");
}

static enum wall_state check_LANDLOCK(const struct facts *facts _unused_, char *why)
{
	int abi = landlock_abi();

	if (abi < 1)
		return off(why, "this kernel has no Landlock");
	snprintf(why, MSG_TEXT_BYTES, "Landlock ABI %d: files%s%s", abi,
	         abi < 3 ? " without truncation" : "", abi >= 6 ? ", abstract sockets, signals" : "");
	return WALL_ON;
}

static enum wall_state check_SECCOMP(const struct facts *facts, char *why)
{
	return field(facts, "\nSeccomp:", 10) == 2 ? WALL_ON : off(why, "there is no filter on the jail");
}

/* The launcher is the child of pid 1 (CONFIG_PROC_CHILDREN, or else the one with this parent). */
static pid_t find_launcher(const struct probe *probe)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "%d/task/%d/children", (int)probe->pid1, (int)probe->pid1);
	return fd_read_file_at(probe->proc_fd, path, text, sizeof(text)) > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

void probe_walls(const struct probe *probe, struct msg_walls *walls)
{
	static enum wall_state (*const checks[WALL_COUNT])(const struct facts *, char *) = {
#define X(name, lower, text) [WALL_##name] = check_##name,
#include "ipc/walls.def"
#undef X
	};
	static struct facts facts;
	char path[32];

	facts.probe = probe;
	facts.launcher = find_launcher(probe);
	snprintf(path, sizeof(path), "%d/status", (int)facts.launcher);
	fd_read_file_at(probe->proc_fd, path, facts.status, sizeof(facts.status));
	snprintf(path, sizeof(path), "%d/mountinfo", (int)facts.launcher);
	_close_ int mounts_fd = openat(probe->proc_fd, path, O_RDONLY | O_CLOEXEC);
	fd_read_all(mounts_fd, facts.mounts, sizeof(facts.mounts) - 1); /* comes a page at a time */
	for (unsigned i = 0; i < WALL_COUNT; i++)
		if (!walls->why[i][0])
			walls->state[i] = checks[i](&facts, walls->why[i]);
}
