/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher: goes behind every wall, waits for one run, unpacks it and becomes the program. In
 * the compile stage it stays, as the parent of the compiler, and hands the artefact back.
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/channel.h"
#include "sandbox/jail.h"
#include "sandbox/unpack.h"

#define EXIT_CANNOT_EXECUTE 126 /* as shells say it: POSIX.1-2017 XCU 2.8.2 */
#define EXIT_NOT_FOUND      127
#define COPY_CHUNK          (1u << 20)

enum run_fd { FD_PAYLOAD, FD_STDIN, FD_STDOUT, FD_STDERR, FD_ARTEFACT };

struct launch {
	const struct jail_plan *plan;
	struct msg_slot_run run;
	int fds[MSG_FDS_MAX];
	int work_fd;
	struct unpack unpack;
};

_noreturn_ static void give_up(const struct launch *launch, enum jail_step step)
{
	jail_report(launch->plan, step, errno);
	_exit(EXIT_CANNOT_EXECUTE);
}

static void receive(struct launch *launch)
{
	struct message message;
	int rc = message_receive(launch->plan->channel_fd, ROLE_SLOT, ROLE_SPAWNER, &message,
				 &launch->run, sizeof(launch->run));

	if (rc == -ERR_CLOSED)
		_exit(0); /* not needed any more */
	if (rc < 0) {
		errno = EPROTO;
		give_up(launch, STEP_RECEIVE);
	}
	for (unsigned i = 0; i < MSG_FDS_MAX; i++)
		launch->fds[i] = msg_take_fd(&message, i);
}

/* Everything of file in_fd, at most so many bytes. 0, or -1 with errno. */
static int copy_file(int out_fd, int in_fd, uint64_t bytes_max)
{
	off_t offset = 0;
	ssize_t n;

	while ((n = sendfile(out_fd, in_fd, &offset, COPY_CHUNK)) > 0) {
		if ((uint64_t)offset > bytes_max) {
			errno = EFBIG;
			return -1;
		}
	}
	return n < 0 ? -1 : 0;
}

static int unpack_artefact(const struct launch *launch)
{
	const char *name = launch->unpack.header->artefact;

	if (launch->fds[FD_ARTEFACT] < 0 || !name[0])
		return 0;
	_close_ int fd = unpack_create(launch->work_fd, name, 0555);
	return fd < 0 ? -1 : copy_file(fd, launch->fds[FD_ARTEFACT], launch->run.disk_bytes);
}

static int set_limits(const struct launch *launch)
{
	struct rlimit files = {launch->run.open_files, launch->run.open_files};
	struct rlimit size = {launch->run.disk_bytes, launch->run.disk_bytes};
	struct rlimit processes = {launch->run.processes, launch->run.processes};

	if (plan_lacks(launch->plan, WALL_RLIMITS))
		return 0;
	/*
	 * the kernel counts them per user namespace, and without root each jail has one of its own
	 */
	if (launch->plan->rootless && setrlimit(RLIMIT_NPROC, &processes) < 0)
		return -1;
	return setrlimit(RLIMIT_NOFILE, &files) < 0 ? -1 : setrlimit(RLIMIT_FSIZE, &size);
}

static void unpack(struct launch *launch)
{
	bool stays = launch->run.stage == STAGE_COMPILE;

	if (unpack_map(&launch->unpack, launch->fds[FD_PAYLOAD]) < 0 ||
	    unpack_files(&launch->unpack, launch->work_fd) < 0 ||
	    (!stays && unpack_artefact(launch) < 0) || set_limits(launch) < 0)
		give_up(launch, STEP_UNPACK);
}

static void arrange_stdio(const struct launch *launch)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(launch->fds[FD_STDIN + fd], fd) < 0)
			give_up(launch, STEP_RECEIVE);
}

_noreturn_ static void execute(const struct launch *launch)
{
	const char *path = launch->unpack.argv[0], *slash = strrchr(path, '/');

	/*
	 * The program has 0, 1 and 2. The channel closes at execve by itself, so that a failure can
	 * be told.
	 */
	if (close_range((unsigned)launch->plan->channel_fd + 1, ~0u, 0) == 0)
		execve(path, launch->unpack.argv, launch->unpack.envp);
	int saved = errno;
	jail_report(launch->plan, STEP_EXEC, saved);
	dprintf(STDERR_FILENO, "sandglass: cannot execute %s: %s\n", slash + 1, strerror(saved));
	_exit(saved == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

/* --- the compile stage --- */

/*
 * What the compiler has left becomes our child (subreaper), dies and is reaped, before the artefact
 * is read.
 */
static void kill_the_rest(const struct jail_plan *plan)
{
	if (plan_lacks(plan, WALL_PIDNS))
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
	_close_ int fd = (int)syscall(SYS_openat2, launch->work_fd, launch->unpack.header->artefact,
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

	if (fd >= 0 && copy_file(launch->fds[FD_ARTEFACT], fd, launch->run.artefact_bytes) == 0)
		return true;
	jail_report(launch->plan, STEP_ARTEFACT, errno);
	return false;
}

_noreturn_ static void compile(const struct launch *launch)
{
	struct msg_slot_exited exited = {0};
	int status = 0;

	pid_t compiler = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -1 : fork();
	if (compiler < 0)
		give_up(launch, STEP_COMPILE);
	if (compiler == 0)
		execute(launch);
	while (waitpid(-1, &status, 0) != compiler)
		;
	exited.ended_ns = clock_now_ns();
	exited.wait_status = status;
	kill_the_rest(launch->plan);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		exited.artefact = hand_back(launch);
	message_send(launch->plan->channel_fd, MSG_SPAWNER_SLOT_EXITED, &exited, NULL, 0);
	_exit(0);
}

_noreturn_ void launcher_main(struct jail_plan *plan, int ready_fd)
{
	static struct launch launch;

	launch.plan = plan;
	plan->tmpfs_fd = fd_close(plan->tmpfs_fd);
	recipe_run(plan, LAUNCHER);
	launch.work_fd = open(PAYLOAD_WORK_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (launch.work_fd < 0 || fchdir(launch.work_fd) < 0 || write(ready_fd, "", 1) != 1)
		give_up(&launch, STEP_RECEIVE);
	fd_close(ready_fd);
	jail_populate();
	receive(&launch);
	unpack(&launch);
	arrange_stdio(&launch);
	if (launch.run.stage == STAGE_COMPILE)
		compile(&launch);
	execute(&launch);
}
