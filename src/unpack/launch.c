/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher, behind every wall (sandbox/lives.c): waits for one run, unpacks it and becomes the
 * program. In the compile stage it stays (compile.c).
 *
 * It may do what the program may do and no more, except that it holds the channel to the spawner
 * until execve: it can say how its own run went, which is what it decides anyway.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/channel.h"
#include "unpack/compile.h"
#include "unpack/launch.h"
#include "unpack/serve.h"
#include "unpack/terminal.h"

#define POPULATE_STACK_BYTES (64 * KIB)
#define EXIT_CANNOT_EXECUTE 126 /* as shells say it: POSIX.1-2017 XCU 2.8.2 */
#define EXIT_NOT_FOUND      127

static struct take taken; /* the run */

_noreturn_ static void give_up(const struct launch *launch, enum jail_step step)
{
	take_failed(launch->channel_fd, step, errno);
	_exit(EXIT_CANNOT_EXECUTE);
}

/* With a terminal what came as stdin is a socket, for the master. */
static int make_streams(const struct payload_header *header)
{
	if (header->rows)
		return terminal_take(taken.fds[TAKE_STDIN], header->rows, header->columns);
	return take_stdio(&taken);
}

static void take(struct launch *launch)
{
	int rc = take_receive(&taken, launch->channel_fd);

	if (rc == 0)
		_exit(0); /* not needed any more */
	if (rc < 0)
		give_up(launch, STEP_RECEIVE);
	if (take_unpack(&taken, launch->work_fd) < 0)
		give_up(launch, STEP_UNPACK);
	if (make_streams(taken.unpack.header) < 0)
		give_up(launch, STEP_RECEIVE);
}

_noreturn_ static void execute(const struct launch *launch)
{
	const char *path = taken.unpack.argv[0], *slash = strrchr(path, '/');

	/*
	 * The program has 0, 1 and 2. The channel closes at execve by itself, so that a failure can
	 * be told.
	 */
	unsigned first = (unsigned)launch->channel_fd + 1, kept = taken.unpack.header->control ? PAYLOAD_CONTROL_FD : first - 1;
	if ((kept < first || close_range(first, kept - 1, 0) == 0) && close_range(kept + 1, ~0u, 0) == 0)
		execve(path, taken.unpack.argv, taken.unpack.envp);
	int saved = errno;
	take_failed(launch->channel_fd, STEP_EXEC, saved);
	dprintf(STDERR_FILENO, "sandglass: cannot execute %s: %s\n", slash + 1, strerror(saved));
	_exit(saved == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

/*
 * After a fork each page costs a fault when it is first used again. Between slot and run there is
 * time for that; after the run has come there is none.
 */
void launch_populate(void)
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

/* --- the compile stage: compile.c --- */

static pid_t start_compiler(const struct launch *launch)
{
	pid_t compiler = compile_adopt() < 0 ? -1 : fork();

	if (compiler < 0)
		give_up(launch, STEP_COMPILE);
	if (compiler == 0)
		execute(launch);
	return compiler;
}

_noreturn_ static void park_compiler(struct launch *launch)
{
	int ends[2];
	bool can = compile_adopt() == 0 && channel_pair(ends) == 0;
	pid_t compiler = can ? fork() : -1;

	if (compiler < 0)
		give_up(launch, STEP_COMPILE);
	if (compiler == 0) {
		launch->channel_fd = ends[1];
		launch_parked(launch);
		_exit(EXIT_CANNOT_EXECUTE);
	}
	fd_close(ends[1]);
	compile_parked(launch, compiler, ends[0]);
}

_noreturn_ void launch_main(struct launch *launch)
{
	if (launch->park_compiler)
		park_compiler(launch);
	if (launch->program_fd >= 0) {
		launch_parked(launch);
		give_up(launch, STEP_EXEC);
	}
	take(launch);
	if (taken.run.stage == STAGE_COMPILE)
		compile_finish(launch, &taken, start_compiler(launch));
	if (taken.unpack.header->control == PAYLOAD_CONTROL_LAUNCHER)
		serve(&taken.unpack, launch->work_fd);
	execute(launch);
}

/* --- pid 1 --- */

static sigset_t child; /* SIGCHLD: blocked, so that it stays pending until it is waited for */

void launch_expect(void)
{
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
}

_noreturn_ void launch_wait(const struct launch *launch, pid_t program)
{
	struct msg_slot_exited exited = {0};
	pid_t pid;
	int status;

	do {
		pid = wait4(-1, &status, 0, NULL);
		if (pid < 0 && errno == ECHILD)
			sigwaitinfo(&child, NULL); /* there is none until a zygote's is adopted */
		else if (pid < 0 && errno != EINTR)
			_exit(1);
	} while (pid != program);
	exited.ended_ns = clock_now_ns();
	exited.wait_status = status;
	/* what is an orphan is our child */
	while ((pid = wait4(-1, NULL, WNOHANG, NULL)) > 0)
		;
	exited.alone = launch->alone && pid < 0;
	message_send(launch->channel_fd, MSG_SPAWNER_SLOT_EXITED, &exited, NULL, 0);
	/* the spawner kills us at once, and all that is left with us; to end by ourselves would keep its processor from it */
	for (;;)
		sigwaitinfo(&child, NULL);
}
