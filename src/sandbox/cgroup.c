/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define CPU_PERIOD_US 100000u /* the default: a short run never meets the end of its quota */
#define PATH_BYTES    128
#define TEXT_BYTES    512

enum cgroup_file {
	FILE_MEMORY = CGROUP_STATS, /* after those that are only read */
	FILE_SWAP,
	FILE_TCP, /* v1 counts the buffers of TCP apart, and only once there is a limit */
	FILE_PIDS,
	FILE_CPU,
	FILE_OOM_GROUP,
	FILE_KILL,
	FILE_COUNT
};

/*
 * key: the number after this word; NULL: the file is one number. A row without name: no such file.
 */
struct file_row {
	unsigned hierarchy;
	const char *name, *key;
	uint64_t factor;
};

/* Hierarchies of v1 in the order of cgroup_room.c: memory, pids, cpu, cpuacct. */
static const struct file_row rows[3][FILE_COUNT] = {
    [1] = {
        [CGROUP_CPU] = {3, "cpuacct.usage", NULL, 1},
        [CGROUP_PEAK] = {0, "memory.max_usage_in_bytes", NULL, 1},
        [CGROUP_OOM] = {0, "memory.oom_control", "oom_kill ", 1},
        [CGROUP_REFUSED] = {1, "pids.events", "max ", 1},
        [FILE_MEMORY] = {0, "memory.limit_in_bytes"},
        [FILE_SWAP] = {0, "memory.memsw.limit_in_bytes"},
        [FILE_TCP] = {0, "memory.kmem.tcp.limit_in_bytes"},
        [FILE_PIDS] = {1, "pids.max"},
        [FILE_CPU] = {2, "cpu.cfs_quota_us"},
    },
    [2] = {
        [CGROUP_CPU] = {0, "cpu.stat", "usage_usec ", NS_PER_US},
        [CGROUP_PEAK] = {0, "memory.peak", NULL, 1},
        [CGROUP_OOM] = {0, "memory.events", "oom_kill ", 1},
        [CGROUP_REFUSED] = {0, "pids.events", "max ", 1},
        [FILE_MEMORY] = {0, "memory.max"},
        [FILE_SWAP] = {0, "memory.swap.max"},
        [FILE_PIDS] = {0, "pids.max"},
        [FILE_CPU] = {0, "cpu.max"},
        [FILE_OOM_GROUP] = {0, "memory.oom.group"},
        [FILE_KILL] = {0, "cgroup.kill"},
    },
};

static int open_in(const struct cgroup *cgroup, unsigned hierarchy, const char *name, int flags)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", cgroup->name, name);
	return openat(cgroup->room->dirs[hierarchy], path, flags | O_CLOEXEC | O_NOFOLLOW);
}

_printf_(3, 4) static int put(const struct cgroup *cgroup, enum cgroup_file file, const char *fmt,
			      ...)
{
	const struct file_row *row = &rows[cgroup->room->version][file];
	char text[48];
	va_list ap;

	if (!row->name)
		return 0;
	va_start(ap, fmt);
	int len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	_close_ int fd = open_in(cgroup, row->hierarchy, row->name, O_WRONLY);
	return fd < 0 || write(fd, text, (size_t)len) < 0 ? -1 : 0;
}

/* v1 counts memory and swap together, and wants that limit never below the one for memory alone. */
static int put_memory(const struct cgroup *cgroup, unsigned long long bytes)
{
	bool raise = bytes > cgroup->limits.memory_bytes && cgroup->limits.memory_bytes;
	bool swap = cgroup->room->swap;
	unsigned long long most = cgroup->room->version == 2 ? 0 : bytes;

	if (swap && raise && put(cgroup, FILE_SWAP, "%llu", most) < 0)
		return -1;
	if (put(cgroup, FILE_MEMORY, "%llu", bytes) < 0 ||
	    (put(cgroup, FILE_TCP, "%llu", bytes) < 0 && errno != ENOENT))
		return -1;
	return swap && !raise ? put(cgroup, FILE_SWAP, "%llu", most) : 0;
}

static int put_cpu(const struct cgroup *cgroup, uint32_t milli)
{
	uint32_t quota_us = milli * (CPU_PERIOD_US / 1000);

	if (cgroup->room->version == 2)
		return put(cgroup, FILE_CPU, "%u %u", quota_us, CPU_PERIOD_US);
	return put(cgroup, FILE_CPU, "%u", quota_us);
}

int cgroup_set_limits(struct cgroup *cgroup, const struct cgroup_limits *limits)
{
	const struct cgroup_limits *now = &cgroup->limits;

	if (!cgroup->room->version)
		return 0;
	if ((limits->memory_bytes != now->memory_bytes &&
	     put_memory(cgroup, limits->memory_bytes) < 0) ||
	    (limits->pids != now->pids && put(cgroup, FILE_PIDS, "%u", limits->pids) < 0) ||
	    (limits->cpu_milli != now->cpu_milli && put_cpu(cgroup, limits->cpu_milli) < 0))
		return -1;
	cgroup->limits = *limits;
	return 0;
}

/* Makes the directories of a slot and writes its first limits. */
static int make(const struct cgroup *cgroup)
{
	struct cgroup new = *cgroup;

	/* EEXIST: two controllers of v1 may share a hierarchy */
	for (unsigned i = 0; i < cgroup->room->hierarchies; i++)
		if (mkdirat(cgroup->room->dirs[i], cgroup->name, 0755) < 0 &&
		    (errno != EEXIST || i == 0))
			return -1;
	new.limits = (struct cgroup_limits){0};
	return cgroup_set_limits(&new, &cgroup->limits) < 0 ? -1 : put(cgroup, FILE_OOM_GROUP, "1");
}

void cgroup_init(struct cgroup *cgroup, const struct cgroup_room *room, unsigned slot,
                 const struct cgroup_limits *limits)
{
	*cgroup = (struct cgroup){
	    .room = room, .oom_fd = -1, .stats = {-1, -1, -1, -1}};
	if (limits)
		cgroup->limits = *limits;
	snprintf(cgroup->name, sizeof(cgroup->name), "slot%u", slot);
}

int cgroup_create(const struct cgroup *cgroup, int *ret_fd)
{
	if (cgroup->room->version != 2)
		return 0;
	if (make(cgroup) < 0)
		return -1;
	*ret_fd = openat(cgroup->room->dirs[0], cgroup->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? -1 : 0;
}

int cgroup_enter(const struct cgroup *cgroup)
{
	if (cgroup->room->version != 1)
		return 0; /* v2: born in it */
	return make(cgroup) < 0 ? -1 : cgroup_join(cgroup);
}

int cgroup_join(const struct cgroup *cgroup)
{
	/*
	 * "tasks" with 0, the one calling thread, and not cgroup.procs: only so does the kernel
	 * (since 5.18) not stop every fork and exit of the machine and wait for RCU, which takes
	 * milliseconds.
	 */
	for (unsigned i = 0; i < cgroup->room->hierarchies; i++) {
		_close_ int fd = open_in(cgroup, i, "tasks", O_WRONLY);
		if (fd < 0 || write(fd, "0", 1) < 0)
			return -1;
	}
	return 0;
}

/*
 * v1 has no memory.oom.group: the spawner is told, and kills the rest (cgroup-v1/memory.rst,
 * section 9).
 */
static int watch_oom(struct cgroup *cgroup)
{
	char text[32];
	_close_ int control_fd = open_in(cgroup, 0, "cgroup.event_control", O_WRONLY);

	cgroup->oom_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (cgroup->oom_fd < 0 || control_fd < 0)
		return -1;
	int len = snprintf(text, sizeof(text), "%d %d", cgroup->oom_fd, cgroup->stats[CGROUP_OOM]);
	return write(control_fd, text, (size_t)len) < 0 ? -1 : 0;
}

int cgroup_watch(struct cgroup *cgroup)
{
	if (!cgroup->room->version)
		return 0;
	for (unsigned i = 0; i < CGROUP_STATS; i++) {
		const struct file_row *row = &rows[cgroup->room->version][i];
		cgroup->stats[i] = open_in(cgroup, row->hierarchy, row->name, O_RDONLY);
		if (cgroup->stats[i] < 0 && i != CGROUP_PEAK) /* memory.peak: Linux 5.19 */
			return -1;
	}
	return cgroup->room->version == 1 ? watch_oom(cgroup) : 0;
}

static uint64_t parse_stat(const char *text, const struct file_row *row)
{
	const char *at = text;

	if (row->key) {
		at = strstr(text, row->key);
		/* at the start of a line only: "oom_kill " is also the end of other words */
		while (at && at != text && at[-1] != '\n')
			at = strstr(at + 1, row->key);
		if (!at)
			return 0;
		at += strlen(row->key);
	}
	return strtoull(at, NULL, 10) * row->factor;
}

uint64_t cgroup_read(const struct cgroup *cgroup, enum cgroup_stat stat)
{
	char text[TEXT_BYTES];
	ssize_t n = cgroup->room->version ? pread(cgroup->stats[stat], text, sizeof(text) - 1, 0) : -1;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return parse_stat(text, &rows[cgroup->room->version][stat]);
}

void cgroup_kill(const struct cgroup *cgroup, int signal, pid_t but)
{
	char path[PATH_BYTES];

	if (signal == SIGKILL && !but)
		put(cgroup, FILE_KILL, "1");
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup->name);
	if (cgroup->room->version)
		cgroup_each_process(cgroup->room->dirs[0], path, -1, signal, but);
}

int cgroup_remove(struct cgroup *cgroup)
{
	for (unsigned i = 0; i < CGROUP_STATS; i++)
		cgroup->stats[i] = fd_close(cgroup->stats[i]);
	cgroup->oom_fd = fd_close(cgroup->oom_fd);
	for (unsigned i = 0; i < cgroup->room->hierarchies; i++)
		if (unlinkat(cgroup->room->dirs[i], cgroup->name, AT_REMOVEDIR) < 0 &&
		    errno != ENOENT)
			return -1;
	return 0;
}
