/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A jail from inside: what runs in the process that the spawner has cloned, from the first step of
 * steps.def to the end of the program. Everything here happens in that process and its children;
 * nothing returns.
 */
#ifndef SG_SANDBOX_JAIL_H
#define SG_SANDBOX_JAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"
#include "ipc/messages.h"
#include "sandbox/cgroup.h"
#include "unpack/launch.h"


enum jail_phase { JAIL = 1, LAUNCHER = 2, PID1 = 4, COLLECTOR = 8, ZYGOTE = 16, FORKED = 32 };

#define JAIL_PID_PROGRAM 2 /* the launcher's, and that of whoever is in its place */

#define WALL_NONE WALL_COUNT /* of a step that no jail is possible without */

/* What the spawner has decided about a jail, and what the steps hand to each other. */
struct jail_plan {
	unsigned slot;        /* number of its files below WORLD_ETC */
	unsigned image;
	uid_t uid, pid1_uid;  /* also the group ids */
	const struct cgroup *cgroup;
	int nice;             /* for all processes of it */
	uint64_t walls_off;   /* 1 << enum wall: missing and waived, or left out by a test build */
	unsigned fail_step;   /* enum jail_step that a test build lets fail; 0 none */
	bool nosymfollow, rootless;
	uint64_t disk_bytes;
	uint32_t open_files_max;
	struct launch launch; /* what is left to be done when every wall stands */
	int tmpfs_fd;         /* set by step_tmpfs, given to the spawner by pid 1; COLLECTOR: what was so */
	int collect_fd;       /* COLLECTOR: what is wanted, and where it goes; else -1 */
	bool forked;          /* no launcher: a zygote's child will come */
	int pid1_fd;          /* FORKED: pidfd of the pid 1 whose jail is to be joined */
	enum jail_phase phase;/* what the looking process is going through */
};

static inline bool plan_lacks(const struct jail_plan *plan, unsigned wall)
{
	return plan->walls_off & (1ull << wall);
}

/* The life of the cloned process, the future pid 1 or zygote. */
_noreturn_ void jail_main(struct jail_plan *plan);
/* The life of one that is cloned beside a run, and takes what that has left when launch.channel_fd, an eventfd, says
   so. Exits with 0 if it could. */
_noreturn_ void collector_main(struct jail_plan *plan);

/*
 * Compares a jail that stands, by its pid 1 and the host's /proc, with this process, and fills state and why of every
 * wall that *walls does not have as off already (from a step that failed).
 */
void probe_walls(int proc_fd, pid_t pid1, const struct jail_plan *plan, struct msg_walls *walls);

/*
 * Once in the spawner, before the first jail: looks at what the kernel shows in the host's /proc.
 */
void steps_fs_init(int proc_fd);

/* Changes the size of the file system that a jail writes to. 0, or -1 with errno. */
int tmpfs_resize(int tmpfs_fd, uint64_t disk_bytes);
/* True when no byte or no file more fits. */
bool tmpfs_is_full(int tmpfs_fd);

/* "TMPFS"; "none" for 0 and unknown ones. And the wall left out with it, WALL_NONE if none is. */
const char *jail_step_name(unsigned step);
unsigned jail_step_wall(unsigned step);

/* --- between the files of the jail --- */

/* Carries out all steps of the phase; when one fails, tells the spawner and exits. */
void recipe_run(struct jail_plan *plan, enum jail_phase phase);

/* The functions of steps.def: 0, or -1 with errno. */
#define X(name, wall, phase, fn, why) int fn(struct jail_plan *plan);
#define LATE(name, why)
#include "sandbox/steps.def"

#endif
