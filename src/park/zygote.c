/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "park/zygote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "ipc/park.h"
#include "ipc/payload.h"
#include "park/fork.h"
#include "park/own.h"
#include "park/prepare.h"
#include "sandbox/jail.h"
#include "unpack/compile.h"
#include "zfork/zfork.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define FD_OWN_FIRST PARK_CHANNEL_FD /* from here on they are ours */

struct order {
	struct msg_slot_fork msg;
	int pid1_fd, channel_fd;
};

static struct cgroup_room room;
static bool with_threads; /* or descriptors of its own: zfork */

void zygote_begin(void)
{
	for (int i = 0; i < CGROUP_HIERARCHIES_MAX; i++) {
		room.dirs[i] = PARK_CGROUP_FD + i;
		fcntl(room.dirs[i], F_SETFD, FD_CLOEXEC);
	}
}

/* --- fitness --- */

static bool has_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	bool strange = !dir;

	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);
		strange |= fd > STDERR_FILENO && fd < FD_OWN_FIRST && fd != dirfd(dir);
	}
	if (dir)
		closedir(dir);
	return strange;
}

static bool has_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int threads = 0;

	while (dir && (entry = readdir(dir)))
		threads += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return threads != 1;
}

/* What a fork would leave behind, or share. The one that is proved by a test is the last word on it. */
static const char *look_at_company(void)
{
	static struct err err;

	with_threads = has_threads() || has_descriptors();
	const char *why = prepare_unfit(with_threads);
	if (why || !with_threads)
		return why;
	return zfork_prepare(&err) < 0 || zfork_self_test(&err) < 0 ? err.text : NULL;
}

/* A line of proc_pid_maps(5): what can be written and is private is made of huge pages, for forks to be cheap. */
static bool look_at_mapping(const char *line)
{
	unsigned long begin, end;
	char rights[5];

	if (sscanf(line, "%lx-%lx %4s", &begin, &end, rights) != 3 || rights[1] != 'w')
		return true;
	if (rights[3] == 's')
		return false;
	madvise((void *)begin, end - begin, MADV_COLLAPSE); /* where it cannot be done, small pages do */
	return true;
}

static const char *look_at_memory(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	bool good = maps;

	while (good && fgets(line, sizeof(line), maps))
		good = look_at_mapping(line);
	if (maps)
		fclose(maps);
	return good ? NULL : "It has a mapping that its children would share and could write to.";
}

static const char *const writable[] = {PAYLOAD_WORK_DIR, PAYLOAD_HOME_DIR, PAYLOAD_TMP_DIR, "/dev/shm"};
static char directories[4096]; /* that it made there, parents first: names with their NULs */
static size_t directories_used;

static int note_directory(const char *path, const struct stat *st _unused_, int kind, struct FTW *where)
{
	size_t bytes = strlen(path) + 1;

	if (where->level == 0)
		return 0;
	if (kind != FTW_D || bytes > sizeof(directories) - directories_used)
		return 1;
	memcpy(directories + directories_used, path, bytes);
	directories_used += bytes;
	return 0;
}

/* Children have files of their own there, and the same directories: some libraries note that they made them. */
static const char *look_at_files(void)
{
	for (size_t i = 0; i < ARRAY_LEN(writable); i++)
		if (nftw(writable[i], note_directory, 8, FTW_PHYS) != 0)
			return "It has left a file, which its children would not find.";
	return NULL;
}

static void check_fitness(void)
{
	static const char *(*const looks[])(void) = {fork_init, look_at_memory, look_at_files, look_at_company};

	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		const char *why = looks[i]();
		if (why)
			zygote_unfit(why);
	}
}

void zygote_unfit(const char *why)
{
	struct msg_unfit unfit = {0};

	snprintf(unfit.why, sizeof(unfit.why), "%s", why);
	message_send(PARK_CHANNEL_FD, MSG_SPAWNER_ZYGOTE_UNFIT, &unfit, NULL, 0);
	_exit(1);
}

/* --- in the child --- */

/* Nothing of the zygote's stays: not its channel, nor a cgroup, nor a way into the slot of another. */
static int keep_own_descriptors(int channel_fd)
{
	return dup3(channel_fd, PARK_CHANNEL_FD, O_CLOEXEC) < 0 ? -1 : close_range(PARK_CHANNEL_FD + 1, ~0u, 0);
}

_noreturn_ static void fail_in_slot(int channel_fd)
{
	take_failed(channel_fd, STEP_JOIN, errno);
	_exit(1);
}

/* In the compile stage the child stays as the launcher, and this returns in a child of its own, the compiler. */
static void leave_launcher(void)
{
	struct launch launch = {.channel_fd = PARK_CHANNEL_FD, .alone = true};
	int ends[2] = {-1, -1};

	launch.work_fd = fork_own_fd((int)syscall(SYS_openat, AT_FDCWD, PAYLOAD_WORK_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC));
	bool can = launch.work_fd >= 0 && compile_adopt() == 0 && channel_pair(ends) == 0;
	int compiler_fd = fork_own_fd(ends[0]), channel_fd = fork_own_fd(ends[1]);
	pid_t compiler = can ? fork_again() : -1;
	if (compiler < 0)
		fail_in_slot(PARK_CHANNEL_FD);
	if (compiler > 0) {
		fd_close(channel_fd);
		close_range(STDERR_FILENO + 1, FD_OWN_FIRST - 1, 0);
		prctl(PR_SET_NAME, "launcher", 0, 0, 0);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		compile_parked(&launch, compiler, compiler_fd);
	}
	if (keep_own_descriptors(channel_fd) < 0 || (with_threads && zfork_own_descriptors() < 0))
		_exit(1);
}

static void enter_slot(const struct order *order)
{
	struct jail_plan plan = {
	    .uid = order->msg.uid,
	    .walls_off = order->msg.walls_off,
	    .fail_step = order->msg.fail_step,
	    .open_files_max = order->msg.open_files_max,
	    .launch.channel_fd = order->channel_fd,
	    .pid1_fd = order->pid1_fd,
	};

	if (with_threads && zfork_own_descriptors() < 0)
		fail_in_slot(order->channel_fd);
	recipe_run(&plan, FORKED);
	if (keep_own_descriptors(order->channel_fd) < 0)
		_exit(1);
	bool there = chdir(PAYLOAD_WORK_DIR) == 0;
	for (const char *name = directories; there && name < directories + directories_used; name += strlen(name) + 1)
		there = mkdir(name, 0755) == 0;
	if (there && order->msg.stage == STAGE_COMPILE)
		leave_launcher();
	if (!there || (with_threads && zfork_revive() < 0))
		fail_in_slot(PARK_CHANNEL_FD);
}

/* --- in the zygote --- */

/* Waits for an order. Without a spawner there is nothing to wait for. */
static void receive(struct order *order)
{
	struct message message;
	int rc;

	do {
		rc = message_receive(PARK_CHANNEL_FD, ROLE_SLOT, ROLE_SPAWNER, &message, &order->msg, sizeof(order->msg));
	} while (rc == -ERR_AGAIN);
	if (rc < 0 || message.type != MSG_SLOT_FORK)
		_exit(rc != -ERR_CLOSED);
	order->pid1_fd = fork_own_fd(msg_take_fd(&message, 0));
	order->channel_fd = fork_own_fd(msg_take_fd(&message, 1));
}

/* As fork_into(); in the child behind every wall. */
static int copy_into(const struct order *order, const struct cgroup *cgroup)
{
	if (with_threads && zfork_freeze(NULL) < 0) {
		errno = EAGAIN;
		return -1;
	}
	int rc = fork_into(order->pid1_fd, cgroup), saved = errno;
	if (rc == 0)
		enter_slot(order);
	else if (with_threads)
		zfork_release();
	errno = saved;
	return rc;
}

static int carry_out(const struct order *order)
{
	struct cgroup cgroup;

	room.version = order->msg.cgroup_version;
	room.hierarchies = order->msg.cgroup_hierarchies;
	cgroup_init(&cgroup, &room, order->msg.slot, NULL);
	prepare_fork();
	int rc = copy_into(order, &cgroup);
	if (rc == 0) {
		prepare_forked(true);
		return 0;
	}
	int saved = errno;
	prepare_forked(false);
	if (rc < 0)
		take_failed(order->channel_fd, STEP_FORK, saved);
	return 1;
}

void zygote_serve(void)
{
	struct msg_slot_ready ready = {0};
	struct order order;
	int rc;

	own_note(); /* before small pages become parts of huge ones, which are there as a whole */
	check_fitness();
	if (message_send(PARK_CHANNEL_FD, MSG_SPAWNER_SLOT_PARKED, &ready, NULL, 0) < 0)
		_exit(0);
	do {
		receive(&order);
		rc = carry_out(&order);
		if (rc != 0) {
			fd_close(order.pid1_fd);
			fd_close(order.channel_fd);
		}
	} while (rc != 0);
}
