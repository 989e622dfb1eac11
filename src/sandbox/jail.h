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

enum jail_step {
	STEP_NONE,
#define X(name, wall, phase, fn, why) STEP_##name,
#define LATE(name, why)               STEP_##name,
#include "sandbox/steps.def"
	STEP_COUNT
};

enum jail_phase { JAIL = 1, LAUNCHER = 2, PID1 = 4, COLLECTOR = 8 };

#define WALL_NONE WALL_COUNT /* of a step that no jail is possible without */

/* Ids above msg_spawner_config.uid_base: pid 1 of every jail has this one, each slot another. */
#define JAIL_UID_PID1  2
#define JAIL_UID_FIRST 16
#define JAIL_UID_LAST  4999

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
	int channel_fd;       /* the slot's end */
	int tmpfs_fd;         /* set by step_tmpfs, given to the spawner by pid 1; COLLECTOR: what was so */
	int collect_fd;       /* COLLECTOR: what is wanted, and where it goes; else -1 */
	int program_fd;       /* an interpreter to start and park, as a payload; -1: none */
	int park_fd;          /* with it: the library that does so */
	const char *park_file;/* and the file it is not to open before a run has come */
	bool park_compiler;   /* it is for the compile stage */
	enum jail_phase phase;/* what the looking process is going through */
};

static inline bool plan_lacks(const struct jail_plan *plan, unsigned wall)
{
	return plan->walls_off & (1ull << wall);
}

/* The life of the cloned process, the future pid 1. */
_noreturn_ void jail_main(struct jail_plan *plan);
/* The life of one that is cloned for a run of which nothing lives any more: takes what that has left. Exits with 0
   if it could. */
_noreturn_ void collector_main(struct jail_plan *plan);

/*
 * Once in the spawner, before the first jail: looks at what the kernel shows in the host's /proc.
 */
void steps_fs_init(int proc_fd);

/* "TMPFS"; "none" for 0 and unknown ones. And the wall left out with it, WALL_NONE if none is. */
const char *jail_step_name(unsigned step);
unsigned jail_step_wall(unsigned step);

/* --- between the files of the jail --- */

/* Carries out all steps of the phase; when one fails, tells the spawner and exits. */
void recipe_run(struct jail_plan *plan, enum jail_phase phase);
/* Takes the faults of a fresh fork ahead of need. */
void jail_populate(void);
/* The launcher; writes a byte to ready_fd once it is behind every wall. */
_noreturn_ void launcher_main(struct jail_plan *plan, int ready_fd);

/* The functions of steps.def: 0, or -1 with errno. */
#define X(name, wall, phase, fn, why) int fn(struct jail_plan *plan);
#define LATE(name, why)
#include "sandbox/steps.def"

#endif
