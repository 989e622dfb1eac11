/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User code of the compile stage runs beside the launcher under the same user, but cannot look into it
 * (not dumpable, no ptrace) and can at most kill it, which is a compile that was killed.
 *
 * Nothing but system calls: the launcher may be a copy of an interpreter whose threads it does not have
 * (park/zygote.c), and one of them may have had any lock.
 */
#define _GNU_SOURCE
#include "unpack/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"

int compile_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

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

static int open_artefact(const struct launch *launch, const char *name)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    .resolve =
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	struct stat st;
	_close_ int fd = (int)syscall(SYS_openat2, launch->work_fd, name, &how, sizeof(how));

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return fd_steal(&fd);
}

static bool hand_back(const struct launch *launch, const struct take *taken)
{
	_close_ int fd = open_artefact(launch, taken->unpack.header->artefact);

	if (fd >= 0 && take_copy(taken->fds[TAKE_ARTEFACT], fd, taken->run.artefact_bytes) == 0)
		return true;
	take_failed(launch->channel_fd, STEP_ARTEFACT, errno);
	return false;
}

_noreturn_ void compile_finish(const struct launch *launch, struct take *taken, pid_t compiler)
{
	struct msg_slot_exited exited = {0};
	int status = 0;

	while (waitpid(-1, &status, 0) != compiler)
		;
	exited.ended_ns = clock_now_ns();
	exited.wait_status = status;
	kill_the_rest(launch);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		exited.artefact = hand_back(launch, taken);
	message_send(launch->channel_fd, MSG_SPAWNER_SLOT_EXITED, &exited, NULL, 0);
	_exit(0);
}

/* --- a parked compiler --- */

_noreturn_ static void give_up(const struct launch *launch, enum jail_step step)
{
	take_failed(launch->channel_fd, step, errno);
	_exit(1);
}

/* All but the artefact, which stays here. */
static void pass_on(const struct launch *launch, struct take *taken, int compiler_fd)
{
	int fds[MSG_FDS_MAX];
	unsigned count = 0, behind = TAKE_ARTEFACT + taken->artefacts;

	for (unsigned i = 0; i < behind + taken->run.packs; i++)
		if (i < TAKE_ARTEFACT || i >= behind) {
			fds[count++] = taken->fds[i];
			taken->fds[i] = -1;
		}
	if (message_send(compiler_fd, MSG_SLOT_RUN, &taken->run, fds, count) < 0)
		give_up(launch, STEP_RECEIVE);
	for (unsigned i = 0; i < count; i++)
		fd_close(fds[i]);
}

_noreturn_ void compile_parked(const struct launch *launch, pid_t compiler, int compiler_fd)
{
	static struct take taken;
	struct msg_slot_ready parked = {0};
	struct message message;

	if (message_receive(compiler_fd, ROLE_SPAWNER, ROLE_SLOT, &message, &parked, sizeof(parked)) < 0 ||
	    message.type != MSG_SPAWNER_SLOT_PARKED)
		give_up(launch, STEP_EXEC);
	message_send(launch->channel_fd, MSG_SPAWNER_SLOT_PARKED, &parked, NULL, 0);
	if (take_receive(&taken, launch->channel_fd) != 1)
		_exit(0);
	/* for the artefact's name; the files are the compiler's to unpack */
	if (unpack_map(&taken.unpack, taken.fds[TAKE_PAYLOAD]) < 0)
		give_up(launch, STEP_UNPACK);
	pass_on(launch, &taken, compiler_fd);
	compile_finish(launch, &taken, compiler);
}
