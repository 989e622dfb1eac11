/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "event/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

#define LOOP_BATCH 64

struct loop {
	int epoll_fd;
	bool stopping;
	struct timer **heap; /* heap[1..timers]: binary, the earliest first */
	unsigned timers, heap_capacity;
	struct epoll_event batch[LOOP_BATCH];
	int batch_len, batch_at;
	struct watch signal_watch;
	void (*signal_fn)(void *ctx, int signo);
	void *signal_ctx;
};

struct loop *loop_create(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->signal_watch.fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	fd_close(loop->signal_watch.fd);
	fd_close(loop->epoll_fd);
	free(loop->heap);
	free(loop);
}

int loop_add(struct loop *loop, struct watch *watch, int fd, uint32_t events,
             void (*fn)(struct watch *, uint32_t))
{
	struct epoll_event ev = {.events = events, .data.ptr = watch};

	*watch = (struct watch){.fd = fd, .events = events, .fn = fn};
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -1;
	watch->active = true;
	return 0;
}

void loop_modify(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = watch};

	if (!watch->active || watch->events == events)
		return;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &ev) < 0)
		fatal("epoll_modify", "fd=%d errno=%d", watch->fd, errno);
	watch->events = events;
}

void loop_remove(struct loop *loop, struct watch *watch)
{
	if (!watch->active)
		return;
	watch->active = false;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = loop->batch_at; i < loop->batch_len; i++)
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
}

/* --- timers: a binary heap in which each timer knows its place --- */

static void heap_put(struct loop *loop, unsigned place, struct timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void heap_sift(struct loop *loop, unsigned place, struct timer *timer)
{
	while (place > 1 && loop->heap[place / 2]->due_ns > timer->due_ns) {
		heap_put(loop, place, loop->heap[place / 2]);
		place /= 2;
	}
	for (unsigned child; (child = place * 2) <= loop->timers; place = child) {
		if (child < loop->timers && loop->heap[child + 1]->due_ns < loop->heap[child]->due_ns)
			child++;
		if (loop->heap[child]->due_ns >= timer->due_ns)
			break;
		heap_put(loop, place, loop->heap[child]);
	}
	heap_put(loop, place, timer);
}

static void heap_make_room(struct loop *loop)
{
	if (loop->timers + 1 < loop->heap_capacity)
		return;
	unsigned capacity = loop->heap_capacity ? loop->heap_capacity * 2 : 64;
	struct timer **heap = realloc(loop->heap, capacity * sizeof(struct timer *));
	if (!heap)
		fatal("no_memory", "timers=%u", loop->timers);
	loop->heap = heap;
	loop->heap_capacity = capacity;
}

void loop_timer_set(struct loop *loop, struct timer *timer, uint64_t due_ns,
                    void (*fn)(struct timer *))
{
	timer->due_ns = due_ns;
	timer->fn = fn;
	if (!timer->place) {
		heap_make_room(loop);
		timer->place = ++loop->timers;
	}
	heap_sift(loop, timer->place, timer);
}

void loop_timer_cancel(struct loop *loop, struct timer *timer)
{
	unsigned place = timer->place;

	if (!place)
		return;
	timer->place = 0;
	struct timer *last = loop->heap[loop->timers--];
	if (last != timer)
		heap_sift(loop, place, last);
}

static void run_timers(struct loop *loop)
{
	uint64_t now = clock_now_ns();

	while (loop->timers && loop->heap[1]->due_ns <= now) {
		struct timer *timer = loop->heap[1];
		loop_timer_cancel(loop, timer);
		timer->fn(timer);
	}
}

/* --- signals --- */

static void on_signal(struct watch *watch, uint32_t events _unused_)
{
	struct loop *loop = container_of(watch, struct loop, signal_watch);
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof(info)) == sizeof(info))
		loop->signal_fn(loop->signal_ctx, (int)info.ssi_signo);
}

int loop_signals(struct loop *loop, const sigset_t *set, void (*fn)(void *ctx, int signo), void *ctx)
{
	if (sigprocmask(SIG_BLOCK, set, NULL) < 0)
		return -1;
	int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -1;
	loop->signal_fn = fn;
	loop->signal_ctx = ctx;
	return loop_add(loop, &loop->signal_watch, fd, EPOLLIN, on_signal);
}

/* --- the loop --- */

static int wait_batch(struct loop *loop)
{
	struct timespec timeout, *wait = NULL;

	if (loop->timers) {
		uint64_t now = clock_now_ns(), due = loop->heap[1]->due_ns;
		uint64_t left = due > now ? due - now : 0;
		timeout.tv_sec = (time_t)(left / NS_PER_SEC);
		timeout.tv_nsec = (long)(left % NS_PER_SEC);
		wait = &timeout;
	}
	return epoll_pwait2(loop->epoll_fd, loop->batch, LOOP_BATCH, wait, NULL);
}

int loop_run(struct loop *loop)
{
	loop->stopping = false;
	while (!loop->stopping) {
		int n = wait_batch(loop);
		if (n < 0 && errno != EINTR)
			return -ERR_IO;
		loop->batch_len = MAX_OF(n, 0);
		for (loop->batch_at = 0; loop->batch_at < loop->batch_len; loop->batch_at++) {
			struct epoll_event *ev = &loop->batch[loop->batch_at];
			struct watch *watch = ev->data.ptr;
			if (watch)
				watch->fn(watch, ev->events);
		}
		loop->batch_len = 0;
		run_timers(loop);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}
