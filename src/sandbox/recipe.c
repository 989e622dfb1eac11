/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out steps.def, and the life of pid 1. */
#define _GNU_SOURCE
#include "sandbox/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "unpack/take.h"

#define POPULATE_STACK_BYTES (64 * KIB)

struct step_row {
	const char *name;
	unsigned wall, phases;
	int (*fn)(struct jail_plan *plan);
};

static const struct step_row step_rows[STEP_COUNT] = {
    [STEP_NONE] = {"none", WALL_NONE, 0, NULL},
#define X(name, wall, phase, fn, why) [STEP_##name] = {#name, WALL_##wall, phase, fn},
#define LATE(name, why)               [STEP_##name] = {#name, WALL_NONE, 0, NULL},
#include "sandbox/steps.def"
};

const char *jail_step_name(unsigned step)
{
	return step_rows[step < STEP_COUNT ? step : STEP_NONE].name;
}

unsigned jail_step_wall(unsigned step)
{
	return step_rows[step < STEP_COUNT ? step : STEP_NONE].wall;
}

static int step_run(struct jail_plan *plan, const struct step_row *row)
{
	if (plan->fail_step && row == &step_rows[plan->fail_step]) {
		errno = EPERM;
		return -1;
	}
	return row->fn(plan);
}

void recipe_run(struct jail_plan *plan, enum jail_phase phase)
{
	plan->phase = phase;
	for (unsigned step = STEP_NONE + 1; step < STEP_COUNT; step++) {
		const struct step_row *row = &step_rows[step];
		if (!(row->phases & phase) ||
		    (row->wall != WALL_NONE && plan_lacks(plan, row->wall)))
			continue;
		if (step_run(plan, row) < 0) {
			take_failed(plan->channel_fd, step, errno);
			_exit(1);
		}
	}
}

/*
 * After a fork each page costs a fault when it is first used again. Between slot and run there is
 * time for that; after the run has come there is none.
 */
void jail_populate(void)
{
	extern char __executable_start[], data_start[], _end[];
	uintptr_t mask = ~(uintptr_t)(getpagesize() - 1);
	uintptr_t text = (uintptr_t)__executable_start & mask, data = (uintptr_t)data_start & mask;
	uintptr_t stack = (uintptr_t)__builtin_frame_address(0) & mask;

	/* Linux 5.14; where it fails, the faults come later */
	madvise((void *)text, data - text, MADV_POPULATE_READ);
	madvise((void *)data, (uintptr_t)_end - data, MADV_POPULATE_WRITE);
	madvise((void *)(stack - POPULATE_STACK_BYTES), POPULATE_STACK_BYTES, MADV_POPULATE_WRITE);
}

/* --- pid 1 --- */

/*
 * Waits until the launcher, by then the program, has ended, and reaps what else dies meanwhile. Its
 * own exit makes the kernel kill everything that is left in the pid namespace.
 */
_noreturn_ static void pid1_wait(const struct jail_plan *plan, pid_t launcher)
{
	struct msg_slot_exited exited = {0};
	pid_t pid;
	int status;

	do {
		pid = wait4(-1, &status, 0, NULL);
		if (pid < 0 && errno != EINTR)
			_exit(1);
	} while (pid != launcher);
	exited.ended_ns = clock_now_ns();
	exited.wait_status = status;
	message_send(plan->channel_fd, MSG_SPAWNER_SLOT_EXITED, &exited, NULL, 0);
	_exit(0);
}

_noreturn_ void jail_main(struct jail_plan *plan)
{
	struct msg_slot_ready ready = {0};
	int pipe_fds[2];
	char byte;

	setpriority(PRIO_PROCESS, 0, plan->nice);
	recipe_run(plan, JAIL);
	pid_t launcher = pipe2(pipe_fds, O_CLOEXEC) < 0 ? -1 : fork();
	if (launcher == 0) {
		fd_close(pipe_fds[0]);
		launcher_main(plan, pipe_fds[1]);
	}
	if (launcher < 0) {
		take_failed(plan->channel_fd, STEP_SESSION, errno);
		_exit(1);
	}
	recipe_run(plan, PID1);
	fd_close(pipe_fds[1]);
	fd_close(plan->program_fd);
	fd_close(plan->park_fd);
	/* End of file: the launcher has failed and has said so itself. */
	if (read(pipe_fds[0], &byte, 1) != 1)
		_exit(1);
	/* Should the spawner have died before step_death, this fails and nothing is left behind. */
	if (message_send(plan->channel_fd, MSG_SPAWNER_SLOT_READY, &ready, &plan->tmpfs_fd, 1) < 0)
		_exit(1);
	fd_close(plan->tmpfs_fd);
	fd_close(pipe_fds[0]);
	jail_populate();
	pid1_wait(plan, launcher);
}
