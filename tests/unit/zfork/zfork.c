/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of a process whose threads wait in every way that threads of runtimes do. A copy asks each
 * of its threads for what it should still have; nothing of that may be seen in the parent or in
 * siblings.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "tests/unit/unit.h"
#include "zfork/zfork.h"

#define COPIES	   1000
#define HARD	   200 /* copies under pressure */
#define WAIT_SEC   20
#define MEMORY_LEN (64 * MIB)

/* --- workers: each waits in its way until it is told to answer, over and over --- */

struct worker {
	const char *name;
	bool (*wait)(struct worker *worker);
	bool (*wake)(struct worker *worker);
	pthread_t thread;
	stack_t stack;		/* its signal stack */
	pthread_mutex_t robust; /* held by it all the time but while it answers */
	sem_t semaphore;
	int event_fd, epoll_fd, pipe[2];
	atomic_int asked, good, bad;
};

static __thread struct worker *own; /* thread-local memory has to be where it was */

static bool wait_semaphore(struct worker *worker)
{
	return sem_wait(&worker->semaphore) == 0;
}

static bool wake_semaphore(struct worker *worker)
{
	return sem_post(&worker->semaphore) == 0;
}

/* Only until a limit: those calls end with EINTR when the process is stopped. */
static bool wait_limited(struct worker *worker)
{
	struct timespec end;
	int rc;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 1000;
	while ((rc = sem_timedwait(&worker->semaphore, &end)) < 0 && errno == EINTR)
		;
	return rc == 0;
}

static bool wait_epoll(struct worker *worker)
{
	struct epoll_event event;
	int count;

	while ((count = epoll_wait(worker->epoll_fd, &event, 1, -1)) < 0 && errno == EINTR)
		;
	uint64_t value = 0;
	return count == 1 && event.data.ptr == worker &&
	       read(worker->event_fd, &value, sizeof(value)) == sizeof(value) && value == 1;
}

static bool wait_eventfd(struct worker *worker)
{
	uint64_t value = 0;

	return read(worker->event_fd, &value, sizeof(value)) == sizeof(value) && value == 1;
}

static bool wake_eventfd(struct worker *worker)
{
	return eventfd_write(worker->event_fd, 1) == 0;
}

static bool wait_pipe(struct worker *worker)
{
	char byte;

	return read(worker->pipe[0], &byte, 1) == 1 && byte == 'p';
}

static bool wait_poll(struct worker *worker)
{
	struct pollfd end = {.fd = worker->pipe[0], .events = POLLIN};

	while (poll(&end, 1, -1) < 0 && errno == EINTR)
		;
	return wait_pipe(worker);
}

static bool wake_pipe(struct worker *worker)
{
	return write(worker->pipe[1], "p", 1) == 1;
}

static struct worker workers[] = {
    {"semaphore", wait_semaphore, wake_semaphore},
    {"limited", wait_limited, wake_semaphore},
    {"epoll", wait_epoll, wake_eventfd},
    {"eventfd", wait_eventfd, wake_eventfd},
    {"pipe", wait_pipe, wake_pipe},
    {"poll", wait_poll, wake_pipe},
};

/* All that a thread has which clone(2) does not copy. */
static bool has_its_own(struct worker *worker)
{
	pthread_mutex_t checking =
	    PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP; /* knows its owner by his id */
	const struct rseq *area =
	    (const struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
	char name[16] = "";
	stack_t now;

	pthread_getname_np(pthread_self(), name, sizeof(name));
	sigaltstack(NULL, &now);
	return own == worker && strcmp(name, worker->name) == 0 &&
	       now.ss_sp == worker->stack.ss_sp && now.ss_size == worker->stack.ss_size &&
	       pthread_mutex_lock(&checking) == 0 && pthread_mutex_unlock(&checking) == 0 &&
	       (!__rseq_size || (int)area->cpu_id >= 0) &&
	       pthread_equal(worker->thread, pthread_self());
}

/* The robust mutex was locked by this thread, under the id that it had then. */
static bool answer(struct worker *worker)
{
	bool good = has_its_own(worker) && pthread_mutex_unlock(&worker->robust) == 0;

	return good && pthread_mutex_lock(&worker->robust) == 0;
}

static void *work(void *data)
{
	struct worker *worker = data;

	own = worker;
	worker->stack = (stack_t){.ss_sp = malloc(64 * KIB), .ss_size = 64 * KIB};
	sigaltstack(&worker->stack, NULL);
	pthread_setname_np(pthread_self(), worker->name);
	pthread_mutex_lock(&worker->robust);
	atomic_fetch_add(&worker->good, 1);
	while (worker->wait(worker))
		atomic_fetch_add(answer(worker) ? &worker->good : &worker->bad, 1);
	atomic_fetch_add(&worker->bad, 1);
	return NULL;
}

static bool wait_for(atomic_int *counter, int value)
{
	for (int tries = 0; tries < WAIT_SEC * 5000 && atomic_load(counter) < value; tries++)
		usleep(200);
	return atomic_load(counter) >= value;
}

static void start_worker(struct worker *worker)
{
	pthread_mutexattr_t attributes;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = worker};

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&worker->robust, &attributes);
	sem_init(&worker->semaphore, 0, 0);
	worker->event_fd = eventfd(0, EFD_CLOEXEC);
	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	assert_int_equal(epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->event_fd, &event), 0);
	assert_int_equal(pipe2(worker->pipe, O_CLOEXEC), 0);
	assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
	assert_true(wait_for(&worker->good, 1));
}

/* Every worker answers once, well. */
static bool all_answer(void)
{
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		int before = atomic_load(&workers[i].good);
		if (!workers[i].wake(&workers[i]) || !wait_for(&workers[i].good, before + 1) ||
		    atomic_load(&workers[i].bad))
			return false;
	}
	return true;
}

/* --- what is copied beside threads --- */

static int token_pipe[2], counting_fd, file_fd;

/* As it was left before the first copy: in every copy, and in the parent in the end. */
static bool state_is_first(void)
{
	uint64_t count = 0;
	char bytes[8] = "";

	return eventfd_read(counting_fd, &count) == 0 && count == 7 &&
	       read(token_pipe[0], bytes, sizeof(bytes)) == 3 && strcmp(bytes, "abc") == 0 &&
	       fcntl(token_pipe[0], F_GETFL) & O_NONBLOCK &&
	       !(fcntl(token_pipe[1], F_GETFL) & O_NONBLOCK) && lseek(file_fd, 0, SEEK_CUR) == 5 &&
	       lseek(file_fd, 3, SEEK_CUR) == 8;
}

static int set_up(void **state _unused_)
{
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		start_worker(&workers[i]);
	assert_int_equal(pipe2(token_pipe, O_CLOEXEC), 0);
	fcntl(token_pipe[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(write(token_pipe[1], "abc", 3), 3);
	counting_fd = eventfd(7, EFD_CLOEXEC);
	file_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(file_fd, 5, SEEK_SET), 5);
	return zfork_prepare(&err) == 0 ? 0 : -1;
}

/* --- copies --- */

static pid_t copy(bool (*child)(void))
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	struct err err;

	if (zfork_freeze(&err) < 0)
		fail_msg("%s", err.text);
	pid_t pid = zfork_clone(&args);
	if (pid == -2)
		_exit(2);
	if (pid == 0)
		_exit(zfork_revive() == 0 && child() ? 0 : 1);
	zfork_release();
	assert_true(pid > 0);
	return pid;
}

static void expect_good(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("a copy ended with status %#x", status);
}

static bool child_is_whole(void)
{
	return state_is_first() && all_answer() && all_answer();
}

static void copy_many(int copies, int at_once)
{
	pid_t pids[8];

	for (int i = 0; i < copies; i += at_once) {
		for (int k = 0; k < at_once; k++)
			pids[k] = copy(child_is_whole);
		for (int k = 0; k < at_once; k++)
			expect_good(pids[k]);
	}
}

static void a_thousand_copies_have_all_threads(void **state _unused_)
{
	copy_many(COPIES, 4);
	assert_true(all_answer());
}

static void *wait_in_thread(void *worker)
{
	return wait_semaphore(worker) ? worker : NULL;
}

static bool child_has_threads_of_its_own(void)
{
	pthread_t thread;
	struct worker more = {"more", wait_semaphore, wake_semaphore};

	sem_init(&more.semaphore, 0, 2);
	pthread_create(&thread, NULL, wait_in_thread, &more);
	pthread_join(thread, NULL);
	pthread_cancel(workers[0].thread); /* the signal that copying borrows is given back */
	return pthread_join(workers[0].thread, NULL) == 0 && waitpid(-1, NULL, 0) == -1 &&
	       errno == ECHILD;
}

static void a_copy_can_make_join_and_cancel_threads(void **state _unused_)
{
	for (int i = 0; i < 20; i++)
		expect_good(copy(child_has_threads_of_its_own));
}

static bool child_copies_itself(void)
{
	expect_good(copy(child_is_whole));
	return all_answer();
}

static void a_copy_can_be_copied(void **state _unused_)
{
	for (int i = 0; i < 20; i++)
		expect_good(copy(child_copies_itself));
}

/* --- pressure --- */

static atomic_int signals;

static void count_signal(int number _unused_)
{
	atomic_fetch_add(&signals, 1);
}

static pid_t pester(void (*with)(pid_t parent))
{
	pid_t parent = getpid(), pid = fork();

	for (; pid == 0; with(parent))
		if (getppid() != parent)
			_exit(0);
	return pid;
}

static void pester_signals(pid_t parent)
{
	kill(parent, SIGUSR1);
	usleep(300);
}

static void pester_processor(pid_t parent _unused_)
{
	for (volatile int i = 0; i < 1000000; i++)
		;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void copies_survive_signals(void **state _unused_)
{
	struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};

	sigaction(SIGUSR1, &action, NULL);
	pid_t pid = pester(pester_signals);
	copy_many(HARD, 2);
	stop(pid);
	assert_true(atomic_load(&signals) > 0);
	assert_true(all_answer());
}

static void copies_survive_a_busy_machine(void **state _unused_)
{
	pid_t pids[4];
	char *memory =
	    mmap(NULL, MEMORY_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	memset(memory, 1, MEMORY_LEN);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		pids[i] = pester(pester_processor);
	copy_many(HARD, 8);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		stop(pids[i]);
	munmap(memory, MEMORY_LEN);
}

static void the_self_test_passes(void **state _unused_)
{
	struct err err;

	for (int i = 0; i < 50; i++)
		if (zfork_self_test(&err) < 0)
			fail_msg("%s", err.text);
}

/* --- what is refused, by name --- */

struct refusal {
	const char *says;
	int (*make)(int fds[2]);
};

static int make_socket(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
}

static int make_half_pipe(int fds[2])
{
	if (pipe(fds) < 0)
		return -1;
	close(fds[1]);
	fds[1] = -1;
	return 0;
}

static int make_timer(int fds[2])
{
	fds[0] = timerfd_create(CLOCK_MONOTONIC, 0);
	return 0;
}

static int make_duplicate(int fds[2])
{
	fds[0] = eventfd(0, 0);
	fds[1] = dup(fds[0]);
	return 0;
}

static int make_written_file(int fds[2])
{
	fds[0] = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	return 0;
}

static int make_full_pipe(int fds[2])
{
	char bytes[8192] = "";

	return pipe(fds) == 0 && write(fds[1], bytes, sizeof(bytes)) > 0 ? 0 : -1;
}

static void unknown_descriptors_are_refused(void **state _unused_)
{
	static const struct refusal rows[] = {
	    {"socket:[", make_socket},	    {"leads out of the process", make_half_pipe},
	    {"timerfd", make_timer},	    {"two numbers", make_duplicate},
	    {"written", make_written_file}, {"much in it", make_full_pipe},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fds[2] = {-1, -1};
		struct err err = {0};
		assert_int_equal(rows[i].make(fds), 0);
		assert_int_equal(zfork_freeze(&err), -ERR_NOT_IMPLEMENTED);
		if (!strstr(err.text, rows[i].says))
			fail_msg("row %zu: %s", i, err.text);
		fd_close(fds[0]);
		fd_close(fds[1]);
		assert_true(all_answer());
	}
}

static void shared_memory_and_timers_are_refused(void **state _unused_)
{
	struct itimerval timer = {.it_value.tv_sec = 1000}, none = {0};
	struct err err;
	void *shared = mmap(NULL, KIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_int_equal(zfork_prepare(&err), -ERR_NOT_IMPLEMENTED);
	assert_non_null(strstr(err.text, "shared and writable"));
	munmap(shared, KIB);
	setitimer(ITIMER_REAL, &timer, NULL);
	assert_int_equal(zfork_prepare(&err), -ERR_NOT_IMPLEMENTED);
	assert_non_null(strstr(err.text, "timer"));
	setitimer(ITIMER_REAL, &none, NULL);
	assert_int_equal(zfork_prepare(&err), 0);
}

static atomic_bool spinning;

static void *spin(void *unused _unused_)
{
	while (atomic_load(&spinning))
		;
	return NULL;
}

static void a_busy_thread_is_not_copied(void **state _unused_)
{
	pthread_t thread;
	struct err err;

	atomic_store(&spinning, true);
	pthread_create(&thread, NULL, spin, NULL);
	pthread_setname_np(thread, "spinner");
	assert_int_equal(zfork_freeze(&err), -ERR_AGAIN);
	assert_non_null(strstr(err.text, "spinner"));
	atomic_store(&spinning, false);
	pthread_join(thread, NULL);
	assert_true(all_answer());
}

/* Left out of fork by its owner, as V8's heap is. */
static char *left_out;

static bool child_has_all_memory(void)
{
	return left_out[0] == 'm';
}

static void memory_that_fork_leaves_out_is_copied(void **state _unused_)
{
	struct err err;

	left_out = mmap(NULL, KIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	left_out[0] = 'm';
	madvise(left_out, KIB, MADV_DONTFORK);
	assert_int_equal(zfork_prepare(&err), 0);
	expect_good(copy(child_has_all_memory));
}

static void the_parent_is_as_before(void **state _unused_)
{
	assert_true(state_is_first());
	assert_true(all_answer());
}

int main(void)
{
	struct err err = {0};
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_self_test_passes),
	    cmocka_unit_test(a_thousand_copies_have_all_threads),
	    cmocka_unit_test(a_copy_can_make_join_and_cancel_threads),
	    cmocka_unit_test(a_copy_can_be_copied),
	    cmocka_unit_test(copies_survive_signals),
	    cmocka_unit_test(copies_survive_a_busy_machine),
	    cmocka_unit_test(unknown_descriptors_are_refused),
	    cmocka_unit_test(shared_memory_and_timers_are_refused),
	    cmocka_unit_test(a_busy_thread_is_not_copied),
	    cmocka_unit_test(memory_that_fork_leaves_out_is_copied),
	    cmocka_unit_test(the_parent_is_as_before),
	};

	if (zfork_possible(&err) < 0) {
		printf("skipped: %s\n", err.text);
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, NULL);
}
