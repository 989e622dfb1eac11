/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher, behind every wall (sandbox/lives.c): waits for one run, unpacks it and becomes the
 * program. In the compile stage it stays, as the parent of the compiler, and hands the artefact back.
 *
 * It may do what the program may do and no more, except that it holds the channel to the spawner
 * until execve: it can say how its own run went, which is what it decides anyway. User code of the
 * compile stage runs beside it under the same user, but cannot look into it (not dumpable, no
 * ptrace) and can at most kill it, which is a compile that was killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/channel.h"
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

/* --- the compile stage --- */

/*
 * What the compiler has left becomes our child (subreaper), dies and is reaped, before the artefact
 * is read.
 */
static void kill_the_rest(const struct launch *launch)
{
	if (!launch->alone)
		return; /* "all" would be all of this user on the host; the spawner will find them
			   by cgroup */
	/* all of this user in the pid namespace but ourselves; atomic towards fork */
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static int open_artefact(const struct launch *launch)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    .resolve =
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	struct stat st;
	_close_ int fd = (int)syscall(SYS_openat2, launch->work_fd, taken.unpack.header->artefact,
				      &how, sizeof(how));

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return fd_steal(&fd);
}

static bool hand_back(const struct launch *launch)
{
	_close_ int fd = open_artefact(launch);

	if (fd >= 0 && take_copy(taken.fds[TAKE_ARTEFACT], fd, taken.run.artefact_bytes) == 0)
		return true;
	take_failed(launch->channel_fd, STEP_ARTEFACT, errno);
	return false;
}

static pid_t start_compiler(const struct launch *launch)
{
	pid_t compiler = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -1 : fork();

	if (compiler < 0)
		give_up(launch, STEP_COMPILE);
	if (compiler == 0)
		execute(launch);
	return compiler;
}

_noreturn_ static void finish_compile(const struct launch *launch, pid_t compiler)
{
	struct msg_slot_exited exited = {0};
	int status = 0;

	while (waitpid(-1, &status, 0) != compiler)
		;
	exited.ended_ns = clock_now_ns();
	exited.wait_status = status;
	kill_the_rest(launch);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		exited.artefact = hand_back(launch);
	message_send(launch->channel_fd, MSG_SPAWNER_SLOT_EXITED, &exited, NULL, 0);
	_exit(0);
}

/* --- a parked compiler: our child, to which the run is passed on --- */

static pid_t park_compiler(struct launch *launch, int ends[2])
{
	bool can = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && channel_pair(ends) == 0;
	pid_t compiler = can ? fork() : -1;

	if (compiler < 0)
		give_up(launch, STEP_COMPILE);
	if (compiler == 0) {
		launch->channel_fd = ends[1];
		launch_parked(launch);
		_exit(EXIT_CANNOT_EXECUTE);
	}
	fd_close(ends[1]);
	return compiler;
}

/* All but the artefact, which stays here. */
static void pass_on(const struct launch *launch, int compiler_fd)
{
	int fds[MSG_FDS_MAX];
	unsigned count = 0, behind = TAKE_ARTEFACT + taken.artefacts;

	for (unsigned i = 0; i < behind + taken.run.packs; i++)
		if (i < TAKE_ARTEFACT || i >= behind) {
			fds[count++] = taken.fds[i];
			taken.fds[i] = -1;
		}
	if (message_send(compiler_fd, MSG_SLOT_RUN, &taken.run, fds, count) < 0)
		give_up(launch, STEP_RECEIVE);
	for (unsigned i = 0; i < count; i++)
		fd_close(fds[i]);
}

_noreturn_ static void compile_parked(struct launch *launch)
{
	struct msg_slot_ready parked = {0};
	struct message message;
	int ends[2];
	pid_t compiler = park_compiler(launch, ends);

	if (message_receive(ends[0], ROLE_SPAWNER, ROLE_SLOT, &message, &parked, sizeof(parked)) < 0 ||
	    message.type != MSG_SPAWNER_SLOT_PARKED)
		give_up(launch, STEP_EXEC);
	message_send(launch->channel_fd, MSG_SPAWNER_SLOT_PARKED, &parked, NULL, 0);
	if (take_receive(&taken, launch->channel_fd) != 1)
		_exit(0);
	/* for the artefact's name; the files are the compiler's to unpack */
	if (unpack_map(&taken.unpack, taken.fds[TAKE_PAYLOAD]) < 0)
		give_up(launch, STEP_UNPACK);
	pass_on(launch, ends[0]);
	finish_compile(launch, compiler);
}

_noreturn_ void launch_main(struct launch *launch)
{
	if (launch->park_compiler)
		compile_parked(launch);
	if (launch->program_fd >= 0) {
		launch_parked(launch);
		give_up(launch, STEP_EXEC);
	}
	take(launch);
	if (taken.run.stage == STAGE_COMPILE)
		finish_compile(launch, start_compiler(launch));
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
