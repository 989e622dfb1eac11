/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a server's cgroups are: finding the hierarchies, making its directory, clearing what dead
 * ones left.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hierarchy.h"
#include "base/util.h"
#include "sandbox/cgroup.h"

#define ROOM_PREFIX   "sandglass."
#define LEAF          "sandglass-processes"
#define CONTROLLERS   "+memory +pids +cpu"
#define SWEEP_TRIES   50
#define SWEEP_WAIT_US 2000
#define PATH_BYTES    HIERARCHY_PATH_BYTES

static const char *const v1_controllers[CGROUP_HIERARCHIES_MAX] = {"memory", "pids", "cpu",
								   "cpuacct"};

/*
 * The directory in which ours is to be: parent, or the one we are in. In a container without a
 * cgroup namespace the path of /proc/self/cgroup is not below the mount; the mount is then the
 * container's own.
 */
static int open_parent(const char *controller, const char *parent)
{
	char mount[PATH_BYTES], own[PATH_BYTES], path[2 * PATH_BYTES + 2];

	if (!hierarchy_mount(controller, mount)) {
		errno = ENOENT;
		return -1;
	}
	hierarchy_own_path(controller, own);
	/* an earlier spawner of this server has moved us into the leaf */
	char *leaf = strstr(own, "/" LEAF);
	if (leaf && strcmp(leaf, "/" LEAF) == 0)
		*leaf = '\0';
	snprintf(path, sizeof(path), "%s/%s", mount, parent[0] ? parent : own);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 && !parent[0] ? open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : fd;
}

/* --- clearing up --- */

static FILE *open_processes(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

void cgroup_each_process(int dir_fd, const char *path, int to_fd)
{
	FILE *procs = open_processes(dir_fd, path);
	char line[32];

	while (procs && fgets(line, sizeof(line), procs)) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);
		if (to_fd >= 0)
			fd_write_file_at(to_fd, "cgroup.procs", line);
		else if (pid > 0)
			kill(pid, SIGKILL);
	}
	if (procs)
		fclose(procs);
}

/* Kills what is in a directory of a dead spawner and removes it. */
static void sweep_slot(int room_fd, const char *name)
{
	_close_ int fd = openat(room_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < SWEEP_TRIES; i++) {
		cgroup_each_process(fd, "cgroup.procs", -1);
		if (unlinkat(room_fd, name, AT_REMOVEDIR) == 0)
			return;
		usleep(SWEEP_WAIT_US);
	}
}

static void each_child(int dir_fd, const char *prefix, void (*fn)(int dir_fd, const char *name))
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			fn(dir_fd, entry->d_name);
	if (dir)
		closedir(dir);
}

/*
 * A living spawner holds a lock on its room: numbers of processes say nothing about servers in
 * other pid namespaces. What our own dead predecessor had just forked may hold its lock a moment
 * longer.
 */
static bool is_abandoned(int room_fd, bool ours)
{
	for (int i = 0; flock(room_fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (!ours || i == SWEEP_TRIES)
			return false;
		usleep(SWEEP_WAIT_US);
	}
	return true;
}

static void sweep_room(int parent_fd, const char *name)
{
	bool ours = strtol(name + strlen(ROOM_PREFIX), NULL, 10) == getppid();
	_close_ int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || !is_abandoned(fd, ours))
		return;
	each_child(fd, "slot", sweep_slot);
	unlinkat(parent_fd, name, AT_REMOVEDIR);
}

/* Makes our directory and locks it; another server that is sweeping may take it away in between. */
static int claim_room(int parent_fd, const char *name)
{
	struct stat ours, there;

	for (int i = 0; i < SWEEP_TRIES; i++) {
		if (mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
			return -1;
		_close_ int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 &&
		    fstatat(parent_fd, name, &there, 0) == 0 && ours.st_ino == there.st_ino)
			return fd_steal(&fd);
		usleep(SWEEP_WAIT_US);
	}
	errno = EBUSY;
	return -1;
}

/* --- the room --- */

static bool has_controllers(int fd)
{
	char text[PATH_BYTES];

	if (fd_read_file_at(fd, "cgroup.controllers", text, sizeof(text)) > 0 &&
	    strstr(text, "memory") && strstr(text, "pids") && strstr(text, "cpu"))
		return true;
	errno = ENOENT;
	return false;
}

static int give_controllers(int fd)
{
	return has_controllers(fd) ? fd_write_file_at(fd, "cgroup.subtree_control", CONTROLLERS)
				   : -1;
}

/*
 * v2 gives controllers to children only of a cgroup without processes ("no internal processes",
 * cgroup-v2.rst): those that are in it move into a leaf. Again, because they fork meanwhile.
 */
static int vacate(int fd)
{
	if (mkdirat(fd, LEAF, 0755) < 0 && errno != EEXIST)
		return -1;
	_close_ int leaf_fd = openat(fd, LEAF, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; leaf_fd >= 0 && i < SWEEP_TRIES; i++) {
		cgroup_each_process(fd, "cgroup.procs", leaf_fd);
		if (give_controllers(fd) == 0)
			return 0;
		if (errno != EBUSY)
			return -1;
		usleep(SWEEP_WAIT_US);
	}
	return -1;
}

static pid_t parent_of(pid_t pid)
{
	char path[32], text[PATH_BYTES];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (fd_read_file_at(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return 0;
	/* behind the name, which may hold anything: proc_pid_stat(5) */
	const char *name_end = strrchr(text, ')');
	return name_end && sscanf(name_end, ") %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

static int open_top(void)
{
	char mount[PATH_BYTES];

	return hierarchy_mount(NULL, mount) ? open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* True if a process of the cgroup is neither the server nor a descendant of it. */
static bool has_strangers(int fd, pid_t server)
{
	FILE *procs = open_processes(fd, "cgroup.procs");
	char line[32];
	bool found = false;

	while (procs && !found && fgets(line, sizeof(line), procs)) {
		pid_t pid = (pid_t)strtol(line, NULL, 10), at = pid;
		while (at > 1 && at != server)
			at = parent_of(at);
		found = at != server && parent_of(pid) > 0; /* and not gone meanwhile */
	}
	if (procs)
		fclose(procs);
	return found;
}

/*
 * With no parent configured it is the cgroup we are in, if nobody else is: a service's with
 * Delegate=yes. From a shell we share one with the whole login session, which often lacks
 * controllers as well: root then goes to the top. Where that cannot be done, in a container, all
 * that is in our cgroup moves aside.
 */
static int open_unified(const char *parent, pid_t server)
{
	_close_ int fd = open_parent(NULL, parent);

	if (fd < 0)
		return -1;
	if (give_controllers(fd) == 0)
		return fd_steal(&fd);
	if (!parent[0] && (!has_controllers(fd) || has_strangers(fd, server))) {
		_close_ int top_fd = open_top();
		if (top_fd >= 0 && give_controllers(top_fd) == 0)
			return fd_steal(&top_fd);
	}
	return has_controllers(fd) && vacate(fd) == 0 ? fd_steal(&fd) : -1;
}

static bool is_same(int fd, int other_fd)
{
	struct stat one, other;

	return fstat(fd, &one) == 0 && fstat(other_fd, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static int open_hierarchy(struct cgroup_room *room, const char *controller, const char *parent,
			  pid_t server)
{
	int fd = controller ? open_parent(controller, parent) : open_unified(parent, server);

	if (fd < 0)
		return -1;
	unsigned at = room->hierarchies++;
	room->parents[at] = fd;
	room->dirs[at] = -1;
	each_child(fd, ROOM_PREFIX, sweep_room);
	/* v1: cpu and cpuacct are commonly one hierarchy, and the room there is already ours */
	if (at > 0 && is_same(room->parents[at - 1], fd))
		room->dirs[at] = fcntl(room->dirs[at - 1], F_DUPFD_CLOEXEC, 0);
	else
		room->dirs[at] = claim_room(fd, room->name);
	if (controller || room->dirs[at] < 0)
		return room->dirs[at] < 0 ? -1 : 0;
	return fd_write_file_at(room->dirs[at], "cgroup.subtree_control", CONTROLLERS);
}

static int try_version(struct cgroup_room *room, unsigned version, const char *parent, pid_t server)
{
	static const char *const unified[] = {NULL};
	const char *const *controllers = version == 2 ? unified : v1_controllers;
	unsigned count = version == 2 ? 1 : CGROUP_HIERARCHIES_MAX;

	for (unsigned i = 0; i < count; i++)
		if (open_hierarchy(room, controllers[i], parent, server) < 0)
			return -1;
	room->version = version;
	return 0;
}

/*
 * All runs are in one cgroup, which by default weighs as much as one process beside it: let each
 * run weigh as much. Not vital, so no failure.
 */
static void set_weight(const struct cgroup_room *room, unsigned slots)
{
	char text[32];
	bool v2 = room->version == 2;
	unsigned long weight = (v2 ? 100ul : 1024ul) * slots, most = v2 ? 10000 : 262144;

	snprintf(text, sizeof(text), "%lu", MIN_OF(weight, most));
	fd_write_file_at(room->dirs[v2 ? 0 : 2], v2 ? "cpu.weight" : "cpu.shares", text);
}

int cgroup_room_open(struct cgroup_room *room, const char *parent, pid_t server, unsigned slots,
                     struct err *err)
{
	memset(room, 0, sizeof(*room));
	snprintf(room->name, sizeof(room->name), ROOM_PREFIX "%d", (int)server);
	if (try_version(room, 2, parent, server) < 0) {
		int v2_errno = errno;
		cgroup_room_close(room);
		if (try_version(room, 1, parent, server) < 0) {
			int v1_errno = errno;
			const char *controller =
			    v1_controllers[room->hierarchies ? room->hierarchies - 1 : 0];
			cgroup_room_close(room);
			return err_set(err, ERR_JAIL_FAILED,
				       "cgroup v2: memory, pids, cpu: %s; v1: %s: %s",
				       strerror(v2_errno), controller, strerror(v1_errno));
		}
	}
	/* Both files are there in every cgroup but the root, or in none. */
	const char *swap = room->version == 2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
	room->swap = faccessat(room->dirs[0], swap, F_OK, 0) == 0;
	set_weight(room, slots);
	return 0;
}

void cgroup_room_close(struct cgroup_room *room)
{
	for (unsigned i = 0; i < room->hierarchies; i++) {
		room->dirs[i] = fd_close(room->dirs[i]);
		unlinkat(room->parents[i], room->name, AT_REMOVEDIR);
		room->parents[i] = fd_close(room->parents[i]);
	}
	room->hierarchies = room->version = 0;
}
