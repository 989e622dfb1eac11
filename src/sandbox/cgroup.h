/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups of slots, the same for the v2 hierarchy and for v1 controllers. All of a server's are
 * below one directory in each hierarchy, sandglass.<pid of the server>. Functions return 0, or -1
 * with errno, unless they say otherwise. Without a room (version 0) all of them succeed and do
 * nothing.
 */
#ifndef SG_SANDBOX_CGROUP_H
#define SG_SANDBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "ipc/park.h"

#define CGROUP_HIERARCHIES_MAX PARK_CGROUPS_MAX

struct cgroup_room {
	unsigned version;                  /* 2, 1, or 0: there are no cgroups to be had */
	unsigned hierarchies;
	int parents[CGROUP_HIERARCHIES_MAX]; /* the directories in which ours is */
	int dirs[CGROUP_HIERARCHIES_MAX];    /* ours */
	char name[32];
	bool swap;                         /* swap is counted and refused */
};

struct cgroup_limits {
	uint64_t memory_bytes; /* and no swap */
	uint32_t pids;         /* all that is in the cgroup */
	uint32_t cpu_milli;
};


enum cgroup_stat { CGROUP_CPU, CGROUP_PEAK, CGROUP_OOM, CGROUP_REFUSED, CGROUP_STATS };

struct cgroup {
	const struct cgroup_room *room;
	char name[16];
	struct cgroup_limits limits; /* as they stand */
	int stats[CGROUP_STATS];     /* open from cgroup_watch on */
	int oom_fd;                  /* v1: an eventfd, readable once memory ran out; else -1 */
};

/*
 * Finds the hierarchies (v2 first), makes our directory below parent ("" = the cgroup we are in)
 * and clears what a dead server left; slots: how many there will be at most. 0, or -ERR_JAIL_FAILED
 * with the reason; version is then 0.
 */
int cgroup_room_open(struct cgroup_room *room, const char *parent, pid_t server, unsigned slots,
                     struct err *err);
/* Removes our directories; the slots' must be gone. */
void cgroup_room_close(struct cgroup_room *room);

/* Names the slot's cgroup and says with which limits it is to be made; NULL: it is there. */
void cgroup_init(struct cgroup *cgroup, const struct cgroup_room *room, unsigned slot,
                 const struct cgroup_limits *limits);
/* v2: makes it; *ret_fd is its directory for CLONE_INTO_CGROUP. Else that stays as it is. */
int cgroup_create(const struct cgroup *cgroup, int *ret_fd);
/*
 * In the cloned child, first of all. v1: makes it and moves in, so that the spawner need not wait
 * for that.
 */
int cgroup_enter(const struct cgroup *cgroup);
/* v1: moves the calling process into it, which there is already. */
int cgroup_join(const struct cgroup *cgroup);
/* Opens what cgroup_read reads. */
int cgroup_watch(struct cgroup *cgroup);
/* Writes the limits that differ from those that stand. */
int cgroup_set_limits(struct cgroup *cgroup, const struct cgroup_limits *limits);
/* One number; 0 when the kernel does not have it. */
uint64_t cgroup_read(const struct cgroup *cgroup, enum cgroup_stat stat);
/* Sends a signal to everything that is in it, but not to that process (0: to all). */
void cgroup_kill(const struct cgroup *cgroup, int signal, pid_t but);
/* Closes and removes it. EBUSY: something is still in it. */
int cgroup_remove(struct cgroup *cgroup);
/*
 * Sends each process of a cgroup.procs below the directory a signal, but not that one; or, with another
 * directory in to_fd, moves it to that cgroup. That a number is a stranger's by then would take as many
 * new processes in between as there are numbers.
 */
void cgroup_each_process(int dir_fd, const char *path, int to_fd, int signal, pid_t but);

#endif
