/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parks the interpreter it is loaded into (ipc/park.h). The interpreter starts as ever; when it first
 * asks for its program's file, by whatever call, it stops here, behind every wall, until a run has come
 * and the file is there. So all that a program can see of its start is what an exec would have shown:
 * argv, environment, descriptors, the way out. Nothing of a user's was in this process before.
 *
 * A run is parked for only if argv and environment are those that the interpreter was started with
 * (engine/warm.c); any other is exec'd.
 *
 * While it waits an interpreter may prepare itself (park/prepare.h): when nothing has come for a moment,
 * and with rests while others want the processor, because on a busy machine to prepare for all that a run
 * may want takes more time from other runs than it gives to that one.
 */
/* The plain calls are defined here, under their own names: no inline checks, no other names. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "ipc/channel.h"
#include "ipc/park.h"
#include "park/late.h"
#include "park/prepare.h"
#include "park/seen.h"
#include "park/own.h"
#include "park/zygote.h"
#include "sandbox/jail.h"
#include "unpack/take.h"

#define QUIET_MS 25 /* before preparing begins */
#define REST_MS  40 /* when others want the processor */
#define PARK_THERE "/proc/self/exe"

static bool waiting;                 /* no run has come */
static bool stopped;                 /* and nothing is done meanwhile but to prepare */
static char file[MSG_NAME_BYTES];    /* what it is not to see before, below PAYLOAD_WORK_DIR */
static char **argv_begin, **env_begin; /* copies: R takes out of argv what it has read */
static bool zygote;                  /* forked for runs, park/zygote.h */
static bool late;                    /* stopped by a hook of its own, not at its first look */
static bool met;                     /* in a zygote's child that goes on for itself before it is stopped */

_noreturn_ static void give_up(enum jail_step step)
{
	take_failed(PARK_CHANNEL_FD, step, errno);
	_exit(126);
}

static void unmap(struct unpack *unpack)
{
	munmap((void *)(uintptr_t)unpack->header, unpack->header->total_bytes);
}

/* NUL-terminated, on the heap; NULL: nothing is to be done. */
static char *read_preparation(void)
{
	static struct unpack program;
	struct unpack_file preparation;
	char *text = NULL;

	if (unpack_map(&program, PARK_PROGRAM_FD) < 0)
		return NULL;
	if (unpack_next(&program, &preparation) > 0 && (text = malloc(preparation.data_bytes + 1))) {
		memcpy(text, preparation.data, preparation.data_bytes);
		text[preparation.data_bytes] = '\0';
	}
	unmap(&program);
	return text;
}

/* The processor was taken away since the last look: somebody else has work that is not only for later. */
static bool was_interrupted(void)
{
	static long before;
	struct rusage usage = {0};

	getrusage(RUSAGE_SELF, &usage);
	bool interrupted = usage.ru_nivcsw > before;
	before = usage.ru_nivcsw;
	return interrupted;
}

/* No run has come for a moment: then there is time for something. */
static bool is_quiet(void)
{
	struct pollfd channel = {.fd = PARK_CHANNEL_FD, .events = POLLIN};

	return poll(&channel, 1, QUIET_MS) == 0;
}

/* Until the run comes. Whether anything was done. */
static bool prepare(void)
{
	struct pollfd channel = {.fd = PARK_CHANNEL_FD, .events = POLLIN};
	char *text = is_quiet() ? read_preparation() : NULL;
	bool begun = text && prepare_begin(text);

	if (zygote && text && !begun)
		zygote_unfit("Its preparation does not work."); /* which would have drawn new seeds after a fork */
	free(text);
	fd_close(PARK_PROGRAM_FD);
	if (begun)
		while (poll(&channel, 1, was_interrupted() ? REST_MS : 0) == 0 && prepare_step())
			;
	return begun;
}

/* After the run has come there is no time for that. */
static void own_memory_when_quiet(void)
{
	if (is_quiet())
		own_take();
}

/* What a process has that outlives execve, and an interpreter may have changed: signal(7), execve(2). */
void park_exec(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(argv_begin[0], argv_begin, env_begin);
	_exit(126);
}

static void say_parked(void)
{
	struct msg_slot_ready parked = {0};

	if (message_send(PARK_CHANNEL_FD, MSG_SPAWNER_SLOT_PARKED, &parked, NULL, 0) < 0)
		_exit(0);
}

/* A zygote returns from here in its children only, which have nothing more to prepare. Whether anything was prepared. */
static bool park(void)
{
	bool prepared = false;

	if (zygote) {
		prepared = prepare();
		zygote_serve();
	}
	say_parked();
	if (zygote)
		own_memory_when_quiet();
	else
		prepared = prepare();
	return prepared;
}

static void take_run(void)
{
	static struct take take;

	stopped = true;
	bool prepared = !met && park();
	int rc = take_receive(&take, PARK_CHANNEL_FD);
	waiting = false;
	if (rc == 0)
		_exit(0); /* not needed any more */
	int work_fd = (int)syscall(SYS_openat, AT_FDCWD, PAYLOAD_WORK_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rc < 0 || work_fd < 0 || take_stdio(&take) < 0)
		give_up(STEP_RECEIVE);
	if (take_unpack(&take, work_fd) < 0)
		give_up(STEP_UNPACK);
	for (size_t i = 0; i < ARRAY_LEN(take.fds); i++)
		fd_close(take.fds[i]);
	bool anew = seen_any_there(work_fd);
	fd_close(work_fd);
	fd_close(PARK_CHANNEL_FD);
	unmap(&take.unpack);
	if (anew || (prepared && !prepare_end()))
		park_exec();
}

/* The path as a name below PAYLOAD_WORK_DIR, where every run begins; NULL if it is none. */
static const char *name_below_work(int dir_fd, const char *path)
{
	static const char work[] = PAYLOAD_WORK_DIR "/";

	if (!path || (dir_fd != AT_FDCWD && path[0] != '/'))
		return NULL;
	if (strncmp(path, work, sizeof(work) - 1) == 0)
		return path + sizeof(work) - 1;
	return path[0] == '/' ? NULL : path;
}

/*
 * What is in no preparation's reach, code that compiles itself, gets its memory by running. So a zygote may come here
 * before the first look at its program, and its children run something once more, if there is time.
 */
static const char *meet(const char *path)
{
	zygote_serve();
	met = true;
	say_parked();
	return is_quiet() ? PARK_THERE : path;
}

/* Called before every look at a file by name, with the name of the call. Returns the path to look at. */
static const char *look(const char *call, int dir_fd, const char *path)
{
	const char *name = waiting ? name_below_work(dir_fd, path) : NULL;
	const char *instead = path;
	int saved = errno;

	if (!name)
		return zygote && waiting && !met && path && strcmp(path, PARK_MEETING) == 0 ? meet(path) : path;
	if (strcmp(name, file) != 0)
		seen_add(name);
	else if (late)
		instead = late_look(call, path);
	else
		instead = NULL;
	if (!instead && !stopped)
		take_run();
	errno = saved;
	return instead ? instead : path;
}

const char *park_take_run(void)
{
	take_run();
	return file;
}

/* --- the calls --- */

#define EXPORT __attribute__((visibility("default")))

/* A call that has the path as its parameter `path`: stops if it is the awaited one, then goes on to the C library's. */
#define CALL(type, name, parameters, arguments, dir_fd)                                            \
	EXPORT type name parameters                                                                \
	{                                                                                          \
		static type(*next) parameters;                                                     \
		if (!next)                                                                         \
			next = (type(*) parameters)dlsym(RTLD_NEXT, #name);                        \
		path = look(#name, dir_fd, path);                                                  \
		return next arguments;                                                             \
	}

/* open(2) reads its mode only with O_CREAT and O_TMPFILE; to pass on what is not there does no harm. */
#define OPEN(name)                                                                                 \
	EXPORT int name(const char *path, int flags, ...)                                          \
	{                                                                                          \
		static int (*next)(const char *, int, ...);                                        \
		va_list ap;                                                                        \
		if (!next)                                                                         \
			next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);           \
		va_start(ap, flags);                                                               \
		mode_t mode = va_arg(ap, mode_t);                                                  \
		va_end(ap);                                                                        \
		path = look(#name, AT_FDCWD, path);                                                \
		return next(path, flags, mode);                                                    \
	}

#define OPENAT(name)                                                                               \
	EXPORT int name(int dir_fd, const char *path, int flags, ...)                              \
	{                                                                                          \
		static int (*next)(int, const char *, int, ...);                                   \
		va_list ap;                                                                        \
		if (!next)                                                                         \
			next = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name);      \
		va_start(ap, flags);                                                               \
		mode_t mode = va_arg(ap, mode_t);                                                  \
		va_end(ap);                                                                        \
		path = look(#name, dir_fd, path);                                                  \
		return next(dir_fd, path, flags, mode);                                            \
	}

/* What a fortified program calls; no header declares them. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir_fd, const char *path, int flags);
int __openat64_2(int dir_fd, const char *path, int flags);

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
CALL(int, __open_2, (const char *path, int flags), (path, flags), AT_FDCWD)
CALL(int, __open64_2, (const char *path, int flags), (path, flags), AT_FDCWD)
CALL(int, __openat_2, (int dir_fd, const char *path, int flags), (dir_fd, path, flags), dir_fd)
CALL(int, __openat64_2, (int dir_fd, const char *path, int flags), (dir_fd, path, flags), dir_fd)
CALL(FILE *, fopen, (const char *path, const char *mode), (path, mode), AT_FDCWD)
CALL(FILE *, fopen64, (const char *path, const char *mode), (path, mode), AT_FDCWD)
CALL(int, access, (const char *path, int mode), (path, mode), AT_FDCWD)
CALL(int, stat, (const char *path, struct stat *st), (path, st), AT_FDCWD)
CALL(int, stat64, (const char *path, struct stat64 *st), (path, st), AT_FDCWD)
CALL(int, lstat, (const char *path, struct stat *st), (path, st), AT_FDCWD)
CALL(int, lstat64, (const char *path, struct stat64 *st), (path, st), AT_FDCWD)
CALL(int, fstatat, (int dir_fd, const char *path, struct stat *st, int flags), (dir_fd, path, st, flags), dir_fd)
CALL(int, fstatat64, (int dir_fd, const char *path, struct stat64 *st, int flags), (dir_fd, path, st, flags), dir_fd)
CALL(int, statx, (int dir_fd, const char *path, int flags, unsigned mask, struct statx *st),
     (dir_fd, path, flags, mask, st), dir_fd)
CALL(ssize_t, readlink, (const char *path, char *out, size_t cap), (path, out, cap), AT_FDCWD)
CALL(char *, realpath, (const char *path, char *resolved), (path, resolved), AT_FDCWD)

/* libuv asks the kernel by number for what an old C library may lack. More arguments than were given do no harm. */
EXPORT long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list ap;

	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_start(ap, number);
	for (size_t i = 0; i < ARRAY_LEN(a); i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_io_uring_setup) {
		errno = EPERM; /* as in every jail (policy/run.policy): a zygote, which is in none yet, cannot share a ring */
		return -1;
	}
	if (number == SYS_statx || number == SYS_openat)
		a[1] = (long)look("syscall", (int)a[0], (const char *)a[1]);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/*
 * Mono keeps its performance counters in memory of that name, for other processes to read; without it they
 * are in its own. A zygote can share none, and in a jail nobody would look.
 */
EXPORT int shm_open(const char *name, int flags, mode_t mode)
{
	static int (*next)(const char *, int, mode_t);

	if (!next)
		next = (int (*)(const char *, int, mode_t))dlsym(RTLD_NEXT, "shm_open");
	if (begins_with(name, "/mono.")) {
		errno = EPERM;
		return -1;
	}
	return next(name, flags, mode);
}

/* --- the beginning --- */

/* Our variables are gone before the interpreter looks, from its /proc/self/environ too. */
static char *take_variable(char **envp, const char *start)
{
	for (; *envp; envp++) {
		if (!begins_with(*envp, start))
			continue;
		char *found = *envp;
		for (char **at = envp; *at; at++)
			at[0] = at[1];
		return found;
	}
	return NULL;
}

static char **copy_of(char **list)
{
	size_t count = 1;

	while (list[count - 1])
		count++;
	char **copy = calloc(count, sizeof(*copy));
	if (copy)
		memcpy(copy, list, count * sizeof(*copy));
	return copy;
}

__attribute__((constructor)) static void begin(int argc _unused_, char **argv, char **envp)
{
	char *variable = take_variable(envp, PARK_VARIABLE), *preload = take_variable(envp, PARK_PRELOAD);
	char *bind_now = take_variable(envp, PARK_BIND_NOW);

	if (!variable || !preload || !bind_now || fcntl(PARK_CHANNEL_FD, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(PARK_PROGRAM_FD, F_SETFD, FD_CLOEXEC) < 0)
		return;
	fd_close(PARK_LIBRARY_FD);
	argv_begin = copy_of(argv);
	env_begin = copy_of(envp);
	if (!argv_begin || !env_begin)
		return;
	const char *name = variable + strlen(PARK_VARIABLE);
	zygote = begins_with(name, PARK_ZYGOTE);
	if (zygote)
		zygote_begin();
	strncpy(file, name + (zygote ? strlen(PARK_ZYGOTE) : 0), sizeof(file) - 1);
	waiting = file[0];
	late = late_is_for(argv[0], file);
	memset(variable, 0, strlen(variable));
	memset(preload, 0, strlen(preload));
	memset(bind_now, 0, strlen(bind_now));
}
