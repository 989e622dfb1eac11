/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does it work here, in this process, with what runs in it? Threads of ours wait in all the ways
 * that threads wait; a copy of the process wakes its own, and then the parent does. If the copy
 * woke the parent's (a descriptor that they share), the parent finds nobody waiting, and the test
 * fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "zfork/sys.h"
#include "zfork/zfork.h"

#define WAIT_SEC  10
#define STACK_LEN (64 * KIB)

/* Exit codes of the child. */
enum { CHILD_GOOD = 40, CHILD_SILENT, CHILD_NOT_PRIVATE, CHILD_NOT_REVIVED };

static struct test {
	pthread_mutex_t lock, held; /* held: by the caller while the process is copied */
	pthread_cond_t wake, answer;
	bool woken;
	int epoll_fd, event_fd, pipe[2];
	int waiting, answers;
} test;

static void count_one(int *counter)
{
	pthread_mutex_lock(&test.lock);
	(*counter)++;
	pthread_cond_broadcast(&test.answer);
	pthread_mutex_unlock(&test.lock);
}

static void *wait_for_condition(void *unused _unused_)
{
	count_one(&test.waiting);
	pthread_mutex_lock(&test.lock);
	while (!test.woken)
		pthread_cond_wait(&test.wake, &test.lock);
	pthread_mutex_unlock(&test.lock);
	count_one(&test.answers);
	return NULL;
}

static void *wait_for_mutex(void *unused _unused_)
{
	count_one(&test.waiting);
	pthread_mutex_lock(&test.held);
	pthread_mutex_unlock(&test.held);
	count_one(&test.answers);
	return NULL;
}

static void *wait_for_event(void *unused _unused_)
{
	struct epoll_event event;
	uint64_t count = 0;

	count_one(&test.waiting);
	while (epoll_wait(test.epoll_fd, &event, 1, -1) != 1)
		;
	if (event.data.fd == test.event_fd &&
	    read(test.event_fd, &count, sizeof(count)) == sizeof(count) && count == 1)
		count_one(&test.answers);
	return NULL;
}

static void *wait_for_pipe(void *unused _unused_)
{
	char byte = 0;

	count_one(&test.waiting);
	if (read(test.pipe[0], &byte, 1) == 1 && byte == 'z')
		count_one(&test.answers);
	return NULL;
}

static void *(*const ways[])(void *) = {wait_for_condition, wait_for_mutex, wait_for_event,
					wait_for_pipe};

static bool wake_all(void)
{
	pthread_mutex_lock(&test.lock);
	test.woken = true;
	pthread_cond_broadcast(&test.wake);
	pthread_mutex_unlock(&test.lock);
	pthread_mutex_unlock(&test.held);
	return eventfd_write(test.event_fd, 1) == 0 && write(test.pipe[1], "z", 1) == 1;
}

static bool wait_until_all(const int *counter)
{
	struct timespec end;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += WAIT_SEC;
	pthread_mutex_lock(&test.lock);
	while (*counter < (int)ARRAY_LEN(ways) && rc == 0)
		rc = pthread_cond_clockwait(&test.answer, &test.lock, CLOCK_MONOTONIC, &end);
	pthread_mutex_unlock(&test.lock);
	return rc == 0;
}

/* --- the child --- */

_noreturn_ static void leave(int code)
{
	for (;;)
		sys(SYS_exit_group, code);
}

_noreturn_ static void run_child(pid_t made)
{
	if (made != 0)
		leave(CHILD_NOT_PRIVATE);
	if (zfork_revive() < 0)
		leave(CHILD_NOT_REVIVED);
	leave(wake_all() && wait_until_all(&test.answers) ? CHILD_GOOD : CHILD_SILENT);
}

/* --- the parent --- */

/* No signal at its end: the runtime may have a handler for those of its own children, and waits
 * without __WALL. */
static int wait_for_child(pid_t pid, int pidfd, struct err *err)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	int status = 0, ready;

	while ((ready = poll(&end, 1, WAIT_SEC * 2000)) < 0 && errno == EINTR)
		;
	if (ready <= 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_GOOD)
		return 0;
	return err_set(err, ERR_UNAVAILABLE, "A copy of the process did not work: %s %d.",
		       WIFSIGNALED(status) ? "signal" : "code",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static int copy_process(struct err *err)
{
	int pidfd = -1;
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd};
	int rc = zfork_freeze(err);

	if (rc < 0)
		return rc;
	pid_t pid = zfork_clone(&args);
	if (pid == 0 || pid == -2)
		run_child(pid);
	zfork_release();
	if (pid < 0)
		return err_set(err, ERR_UNAVAILABLE, "The process cannot be copied: %s.",
			       strerror(errno));
	rc = wait_for_child(pid, pidfd, err);
	fd_close(pidfd);
	return rc;
}

static bool open_descriptors(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	test.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	test.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.fd = test.event_fd;
	return test.epoll_fd >= 0 && test.event_fd >= 0 && pipe2(test.pipe, O_CLOEXEC) == 0 &&
	       epoll_ctl(test.epoll_fd, EPOLL_CTL_ADD, test.event_fd, &event) == 0;
}

static void close_descriptors(void)
{
	int fds[] = {test.epoll_fd, test.event_fd, test.pipe[0], test.pipe[1]};

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fd_close(fds[i]);
}

/* How many could be made. Signals are the runtime's threads' to take, not ours. */
static size_t start_threads(pthread_t threads[ARRAY_LEN(ways)])
{
	sigset_t all, before;
	pthread_attr_t attributes;
	size_t made = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_LEN);
	while (made < ARRAY_LEN(ways) &&
	       pthread_create(&threads[made], &attributes, ways[made], NULL) == 0)
		made++;
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return made;
}

/* Threads that do not come back are left behind: the process will not serve. */
static int run(struct err *err)
{
	pthread_t threads[ARRAY_LEN(ways)];

	if (start_threads(threads) != ARRAY_LEN(ways) || !wait_until_all(&test.waiting))
		return err_set(err, ERR_UNAVAILABLE, "No threads could be made.");
	int rc = copy_process(err);
	if (!wake_all() || !wait_until_all(&test.answers))
		return err_set(err, ERR_UNAVAILABLE,
			       "The process did not go on after it was copied.");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		pthread_join(threads[i], NULL);
	return rc;
}

int zfork_self_test(struct err *err)
{
	test = (struct test){
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .held = PTHREAD_MUTEX_INITIALIZER,
	    .wake = PTHREAD_COND_INITIALIZER,
	    .answer = PTHREAD_COND_INITIALIZER,
	    .epoll_fd = -1,
	    .event_fd = -1,
	    .pipe = {-1, -1},
	};
	pthread_mutex_lock(&test.held);
	int rc = open_descriptors()
		     ? run(err)
		     : err_set(err, ERR_UNAVAILABLE, "No descriptors: %s.", strerror(errno));
	close_descriptors();
	return rc;
}
