/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/take.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/channel.h"

#define COPY_CHUNK (1u << 20)

void take_failed(int channel_fd, enum jail_step step, int saved_errno)
{
	struct msg_slot_failed failed = {.step = step, .saved_errno = (uint32_t)saved_errno};

	message_send(channel_fd, MSG_SPAWNER_SLOT_FAILED, &failed, NULL, 0);
}

int take_receive(struct take *take, int channel_fd)
{
	struct message message;
	int rc = message_receive(channel_fd, ROLE_SLOT, ROLE_SPAWNER, &message, &take->run, sizeof(take->run));

	if (rc == -ERR_CLOSED)
		return 0;
	if (rc < 0) {
		errno = EPROTO;
		return -1;
	}
	take->artefacts = message.fd_count > TAKE_ARTEFACT + take->run.packs;
	for (unsigned i = 0; i < MSG_FDS_MAX; i++)
		take->fds[i] = msg_take_fd(&message, i);
	return 1;
}

int take_copy(int out_fd, int in_fd, uint64_t bytes_max)
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

/* In the compile stage that descriptor is for what the compiler will leave. */
static int unpack_artefact(const struct take *take, int work_fd)
{
	const char *name = take->unpack.header->artefact;

	if (take->run.stage == STAGE_COMPILE || !take->artefacts || !name[0] || take->unpack.header->control)
		return 0;
	_close_ int fd = unpack_create(work_fd, name, 0555);
	return fd < 0 ? -1 : take_copy(fd, take->fds[TAKE_ARTEFACT], take->run.disk_bytes);
}

static int set_limits(const struct msg_slot_run *run)
{
	const struct {
		int resource;
		rlim_t limit;
	} rows[] = {
	    {RLIMIT_NPROC, run->processes},
	    {RLIMIT_NOFILE, run->open_files},
	    {RLIMIT_FSIZE, run->file_bytes},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rlimit limit = {rows[i].limit, rows[i].limit};
		if (limit.rlim_cur && setrlimit(rows[i].resource, &limit) < 0)
			return -1;
	}
	return 0;
}

/* In a session: its home's files, and the sign that all of them are there (PAYLOAD_HOME_MODE). */
static int unpack_session(struct take *take, int work_fd)
{
	_close_ int home_fd = (int)syscall(SYS_openat, AT_FDCWD, PAYLOAD_HOME_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int roots[PACK_ROOTS] = {[PACK_WORK] = work_fd, [PACK_HOME] = home_fd};

	if (home_fd < 0 || unpack_files(&take->unpack, roots, take_packs(take), take->run.packs) < 0)
		return -1;
	return fchmod(home_fd, PAYLOAD_HOME_MODE & PACK_MODE_MASK);
}

int take_unpack(struct take *take, int work_fd)
{
	const int roots[PACK_ROOTS] = {[PACK_WORK] = work_fd, [PACK_HOME] = -1};

	if (unpack_map(&take->unpack, take->fds[TAKE_PAYLOAD]) < 0)
		return -1;
	int rc = take->unpack.header->session ? unpack_session(take, work_fd)
					      : unpack_files(&take->unpack, roots, NULL, 0);
	if (rc < 0 || unpack_artefact(take, work_fd) < 0)
		return -1;
	if (take->unpack.header->control && dup2(take->fds[TAKE_ARTEFACT], PAYLOAD_CONTROL_FD) < 0)
		return -1;
	/* the program is to have none of them */
	for (unsigned i = 0; i < take->run.packs; i++)
		take->fds[TAKE_ARTEFACT + take->artefacts + i] = fd_close(take_packs(take)[i]);
	return set_limits(&take->run);
}

int take_stdio(const struct take *take)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(take->fds[TAKE_STDIN + fd], fd) < 0)
			return -1;
	return 0;
}
