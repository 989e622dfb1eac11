/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one poller of a process: epoll (level-triggered), a heap of timers, signals by signalfd.
 * Structures are the caller's memory and must stay where they are until removed.
 */
#ifndef SG_EVENT_LOOP_H
#define SG_EVENT_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop;

struct watch {
	int fd;              /* not owned */
	uint32_t events;     /* EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLPRI */
	void (*fn)(struct watch *watch, uint32_t events);
	bool active;
};

struct timer {
	uint64_t due_ns;     /* on clock_now_ns() */
	void (*fn)(struct timer *timer);
	unsigned place;      /* in the heap, from 1; 0 while not set */
};

struct loop *loop_create(void);
void loop_destroy(struct loop *loop);

/* Runs handlers until loop_stop. 0, or -ERR_IO when epoll itself fails. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* 0, or -1 with errno. The watch may be on one loop once. */
int loop_add(struct loop *loop, struct watch *watch, int fd, uint32_t events,
             void (*fn)(struct watch *, uint32_t));
/* Changes what an added watch waits for; no system call when it is what it was. */
void loop_modify(struct loop *loop, struct watch *watch, uint32_t events);
/*
 * Removes it, also from the batch of events being handled right now, so that a handler may free any
 * object. Must come before the descriptor is closed. Harmless when not added.
 */
void loop_remove(struct loop *loop, struct watch *watch);

/* Sets or moves a timer. Timers that are due at once fire in no promised order. */
void loop_timer_set(struct loop *loop, struct timer *timer, uint64_t due_ns,
                    void (*fn)(struct timer *));
void loop_timer_cancel(struct loop *loop, struct timer *timer);

/* Blocks the signals of the set and calls fn for each one that arrives. Once per loop. 0, or -1. */
int loop_signals(struct loop *loop, const sigset_t *set, void (*fn)(void *ctx, int signo), void *ctx);

#endif
