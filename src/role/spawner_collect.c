/* SPDX-License-Identifier: Apache-2.0 */
/* Collectors: made while their runs go on, so that all walls of theirs stand when those have ended. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/spawner.h"

#define COLLECT_MOST_NS (10 * NS_PER_SEC)

struct collector {
	struct run *run;     /* NULL: it is not needed any more */
	int pidfd, go_fd;    /* the latter, an eventfd, is -1 once it was told to begin */
	struct watch watch;
	struct timer timer;  /* when it must be done */
};

static void on_ended(struct watch *watch, uint32_t events _unused_)
{
	struct collector *collector = container_of(watch, struct collector, watch);
	struct run *run = collector->run;
	bool collected = spawner_reap(watch, &collector->pidfd), begun = collector->go_fd < 0;

	loop_timer_cancel(spawner.loop, &collector->timer);
	if (run) {
		run->collector = NULL;
		if (!collected)
			log_at(LOG_WARN, "collect_failed", "slot=%u begun=%d", run->slot->number, begun);
		if (begun)
			run_collected(run, collected);
	}
	fd_close(collector->go_fd);
	free(collector);
}

static void on_due(struct timer *timer)
{
	syscall(SYS_pidfd_send_signal, container_of(timer, struct collector, timer)->pidfd, SIGKILL, NULL, 0);
}

struct collector *collector_create(struct run *run, int fd)
{
	struct collector *collector = calloc(1, sizeof(*collector));
	_close_ int collect_fd = fd, go_fd = eventfd(0, EFD_CLOEXEC);

	if (!collector || go_fd < 0)
		fatal("no_memory", "what=collector");
	struct jail_plan plan = slot_plan(run->slot, go_fd);
	plan.collect_fd = collect_fd;
	if (spawner_clone(&plan, -1, &collector->watch, &collector->pidfd, on_ended) < 0) {
		free(collector);
		return NULL;
	}
	collector->run = run;
	collector->go_fd = fd_steal(&go_fd);
	return collector;
}

void collector_go(struct collector *collector)
{
	if (collector->go_fd < 0)
		return;
	eventfd_write(collector->go_fd, 1);
	collector->go_fd = fd_close(collector->go_fd);
	start_timer(&collector->timer, COLLECT_MOST_NS, on_due);
}

void collector_cancel(struct collector *collector)
{
	if (!collector)
		return;
	collector->run = NULL;
	on_due(&collector->timer);
}
