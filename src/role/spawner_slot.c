/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: made ahead of need, taken once, killed, cleared away. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/spawner.h"

#define NUMBERS_PER_SLOT 4
#define MAKE_MOST_NS    (60 * NS_PER_SEC)
#define DIE_MOST_NS     (10 * NS_PER_SEC)
#define REMOVE_RETRY_NS (2 * NS_PER_MS)
#define REMOVE_TRIES    500          /* then the number is never used again */
#define REFILL_DELAY_NS (10 * NS_PER_MS) /* runs that were just handed over go first; most end sooner */
#define RETRY_LEAST_NS  (100 * NS_PER_MS)
#define RETRY_DOUBLINGS 6

static struct list *list_of(const struct slot *slot)
{
	struct list *const lists[] = {&spawner.making, &spawner.pools[slot->pool].ready,
	                              &spawner.running, &spawner.dying, &spawner.zygotes};

	return lists[slot->state];
}

static void slot_set_state(struct slot *slot, enum slot_state state)
{
	if (list_holds(&slot->node))
		list_remove(list_of(slot), &slot->node);
	if (!slot->zygote)
		spawner.pools[slot->pool].making += (state == SLOT_MAKING) - (slot->state == SLOT_MAKING);
	slot->state = state;
	list_push_back(list_of(slot), &slot->node);
	gauges_changed();
}

/* --- the end of a slot --- */

static void on_slot_due(struct timer *timer);

static void slot_free(struct slot *slot)
{
	list_remove(list_of(slot), &slot->node);
	free(slot);
	gauges_changed();
	slots_refill(false);
	maybe_exit();
}

void slot_clear(struct slot *slot)
{
	slot->tmpfs_fd = fd_close(slot->tmpfs_fd);
	slot->fork_fd = fd_close(slot->fork_fd);
	if (cgroup_remove(&slot->cgroup) == 0) {
		spawner.taken[slot->number] = false;
	} else if (errno == EBUSY && ++slot->remove_tries < REMOVE_TRIES) {
		cgroup_kill(&slot->cgroup, SIGKILL, 0); /* without a pid namespace: what pid 1 left */
		start_timer(&slot->timer, REMOVE_RETRY_NS, on_slot_due);
		return;
	} else {
		log_at(LOG_ERROR, "slot_quarantined", "slot=%u errno=%d", slot->number, errno);
	}
	slot_free(slot);
}

void slot_kill(struct slot *slot)
{
	if (!slot || slot->state == SLOT_DYING)
		return;
	slot_set_state(slot, SLOT_DYING);
	if (slot->zygote)
		zygote_gone(slot);
	start_timer(&slot->timer, DIE_MOST_NS, on_slot_due);
	syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
}

/*
 * A jail could not be made: those who wait for one are told, and it is tried again later and later.
 */
static void make_failed(unsigned pool, unsigned step, unsigned saved_errno)
{
	struct pool *slots = &spawner.pools[pool];
	struct msg_run_failed why = run_failure_of_step(step, saved_errno);

	if (!spawner.probed) {
		wall_failed(&(struct msg_slot_failed){.step = step, .saved_errno = saved_errno});
		return;
	}
	log_at(LOG_ERROR, "slot_failed", "pool=%u step=%s errno=%u", pool, jail_step_name(step),
	       saved_errno);
	spawner.gauges.slots_failed++;
	slots->retry_ns =
	    clock_now_ns() + (RETRY_LEAST_NS << MIN_OF(slots->failures, RETRY_DOUBLINGS));
	slots->failures++;
	if (slots->program_fd >= 0)
		pool_failed(pool, why.text);
	else
		runs_refuse(slots->image, &why);
}

/* It is of no use; was it being made, that has failed. */
static void slot_failed(struct slot *slot, unsigned step, unsigned saved_errno)
{
	bool making = slot->state == SLOT_MAKING;

	slot_kill(slot);
	if (making)
		make_failed(slot->pool, step, saved_errno);
}

/*
 * Something hangs in the kernel, for instance on a dead disk below the image: nobody shall wait for
 * that.
 */
static void on_slot_due(struct timer *timer)
{
	struct slot *slot = container_of(timer, struct slot, timer);

	if (slot->state == SLOT_MAKING) {
		slot_failed(slot, STEP_NONE, ETIMEDOUT);
	} else if (slot->state == SLOT_SERVING) {
		zygote_replace(slot);
	} else if (slot->pidfd < 0) {
		slot_clear(slot);
	} else {
		log_at(LOG_ERROR, "slot_stuck", "slot=%u pid=%d", slot->number, (int)slot->pid);
		if (slot->run)
			run_slot_died(slot);
	}
}

static void on_died(struct watch *watch, uint32_t events _unused_)
{
	struct slot *slot = container_of(watch, struct slot, pid_watch);

	/* What it said before it died comes first. */
	if (slot->channel.watch.active)
		slot->channel.watch.fn(&slot->channel.watch, EPOLLIN);
	if (slot->state == SLOT_MAKING || slot->state == SLOT_SERVING)
		make_failed(slot->pool, STEP_NONE, ECHILD);
	slot_kill(slot);
	spawner_reap(&slot->pid_watch, &slot->pidfd);
	loop_timer_cancel(spawner.loop, &slot->timer);
	channel_close(&slot->channel);
	loop_remove(spawner.loop, &slot->oom_watch);
	if (!slot->run || !run_slot_died(slot))
		slot_clear(slot);
}

/* --- making --- */

/*
 * Numbers are used in turn, so that a user id rests for a while; but no more of them than that,
 * because each has files of its own in the spawner's memory.
 */
static int take_number(void)
{
	unsigned count =
	    MIN_OF(spawner.config.slots_max * NUMBERS_PER_SLOT, (unsigned)SLOT_NUMBERS);

	for (unsigned i = 0; i < count; i++) {
		unsigned number = (spawner.next_number + i) % count;
		if (!spawner.taken[number]) {
			spawner.taken[number] = true;
			spawner.next_number = number + 1;
			return (int)number;
		}
	}
	return -1;
}

struct jail_plan slot_plan(const struct slot *slot, int channel_fd)
{
	const struct pool *pool = &spawner.pools[slot->pool];
	const struct msg_spawner_config *config = &spawner.config;
	bool one_uid = spawner.walls_off & (1ull << WALL_UID);
	uid_t uid = config->uid_base + UID_SLOT_FIRST + (one_uid ? 0 : slot->number);
	bool program = pool->program_fd >= 0 && !slot->forked && slot->state == SLOT_MAKING;
	struct jail_plan plan = {
	    .slot = slot->number, .image = pool->image, .cgroup = &slot->cgroup,
	    .uid = spawner.world.rootless ? geteuid() : uid, .pid1_uid = config->uid_base + UID_PID1,
	    .nice = spawner.nice, .walls_off = spawner.walls_off, .fail_step = spawner.fail_step,
	    .nosymfollow = config->nosymfollow, .rootless = spawner.world.rootless,
	    .disk_bytes = config->disk_bytes, .open_files_max = (uint32_t)config->open_files_max,
	    .tmpfs_fd = slot->tmpfs_fd, .collect_fd = -1, .forked = slot->forked,
	    .launch = {.channel_fd = channel_fd, .zygote = slot->zygote, .park_file = pool->file, .alone = !(spawner.walls_off & 1ull << WALL_PIDNS),
		       .program_fd = program ? pool->program_fd : -1, .park_fd = program ? spawner.park_fd : -1,
		       .park_compiler = program && pool->stage == STAGE_COMPILE},
	};

	for (unsigned i = 0; i < CGROUP_HIERARCHIES_MAX; i++)
		plan.launch.cgroup_fds[i] = slot->zygote && i < spawner.cgroups.hierarchies ? spawner.cgroups.dirs[i] : -1;
	return plan;
}

pid_t spawner_clone(struct jail_plan *plan, int cgroup_fd, struct watch *watch, int *ret_pidfd,
		    void (*ended)(struct watch *, uint32_t))
{
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)ret_pidfd, .exit_signal = SIGCHLD};

	if (!plan->launch.zygote && !(spawner.walls_off & (1ull << WALL_PIDNS)))
		args.flags |= CLONE_NEWPID;
	if (spawner.world.rootless)
		args.flags |= CLONE_NEWUSER;
	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		(plan->collect_fd >= 0 ? collector_main : jail_main)(plan);
	if (pid > 0 && loop_add(spawner.loop, watch, *ret_pidfd, EPOLLIN, ended) < 0)
		fatal("epoll", "errno=%d", errno);
	return (pid_t)pid;
}

bool spawner_reap(struct watch *watch, int *pidfd)
{
	siginfo_t info = {0};

	waitid(P_PIDFD, (id_t)*pidfd, &info, WEXITED | WNOHANG);
	loop_remove(spawner.loop, watch);
	*pidfd = fd_close(*pidfd);
	return info.si_code == CLD_EXITED && info.si_status == 0;
}

static int clone_slot(struct slot *slot, int cgroup_fd, int channel_fd)
{
	struct jail_plan plan = slot_plan(slot, channel_fd);

	if (slot->zygote)
		plan.uid = 0; /* it has what it needs to give up for its children */
	slot->pid = spawner_clone(&plan, cgroup_fd, &slot->pid_watch, &slot->pidfd, on_died);
	return slot->pid < 0 ? -1 : 0;
}

static void on_slot_closed(struct channel *channel)
{
	slot_kill(container_of(channel, struct slot, channel));
}

static int start(struct slot *slot)
{
	_close_ int cgroup_fd = -1;
	int ends[2];

	if (channel_pair(ends) < 0)
		return -1;
	_close_ int theirs = ends[1];
	if (channel_open(&slot->channel, spawner.loop, ends[0], ROLE_SPAWNER, ROLE_SLOT,
			 slot_handlers, on_slot_closed) < 0) {
		fd_close(ends[0]);
		return -1;
	}
	slot->channel.refused_limit = 1;
	if (world_add_user(&spawner.world, slot->number, slot_plan(slot, -1).uid) < 0 ||
	    cgroup_create(&slot->cgroup, &cgroup_fd) < 0 ||
	    clone_slot(slot, cgroup_fd, theirs) < 0)
		return -1;
	if (slot->forked)
		slot->fork_fd = fd_steal(&theirs);
	start_timer(&slot->timer, MAKE_MOST_NS, on_slot_due);
	return 0;
}

static struct slot *slot_create(unsigned number, unsigned pool, bool zygote)
{
	const struct msg_spawner_config *config = &spawner.config;
	struct cgroup_limits limits = {config->memory_bytes, (uint32_t)config->processes + 1,
	                               (uint32_t)config->cpu_milli};
	struct slot *slot = calloc(1, sizeof(*slot));

	if (!slot)
		fatal("no_memory", "what=slot");
	slot->state = SLOT_DYING; /* on no list, not counted */
	slot->number = number;
	slot->pool = pool;
	slot->zygote = zygote;
	slot->forked = !zygote && spawner.pools[pool].forks;
	slot->disk_bytes = config->disk_bytes;
	slot->pidfd = slot->tmpfs_fd = slot->fork_fd = slot->channel.fd = -1;
	cgroup_init(&slot->cgroup, &spawner.cgroups, number, &limits);
	slot_set_state(slot, SLOT_MAKING);
	return slot;
}

bool slot_make(unsigned pool, bool zygote)
{
	int number = take_number();

	if (number < 0) {
		make_failed(pool, STEP_IDS, EUSERS);
		return false;
	}
	struct slot *slot = slot_create((unsigned)number, pool, zygote);
	if (zygote)
		spawner.pools[pool].next_zygote = slot;
	if (start(slot) == 0)
		return true;
	int saved = errno;
	channel_close(&slot->channel);
	slot_set_state(slot, SLOT_DYING);
	if (zygote)
		zygote_gone(slot);
	/* first: who waits for it must not make another */
	make_failed(pool, STEP_CGROUP, (unsigned)saved);
	slot_clear(slot);
	return false;
}

struct slot *slot_take(unsigned pool)
{
	struct list_node *node = list_first(&spawner.pools[pool].ready);

	if (!node)
		return NULL;
	struct slot *slot = list_entry(node, struct slot, node);
	if (slot->parked) /* what it did since then was not the run's */
		slot->cpu_base_ns = cgroup_read(&slot->cgroup, CGROUP_CPU);
	slot_set_state(slot, SLOT_RUNNING);
	return slot;
}

/* Those that are made or ready, in the pools from this one on. */
static size_t slots_idle(unsigned from)
{
	size_t idle = 0;

	for (unsigned i = from; i < spawner.pool_count; i++)
		idle += spawner.pools[i].ready.len + spawner.pools[i].making;
	return idle;
}

bool slot_has_room(const struct pool *pool, bool ahead)
{
	if (pool->program_fd >= 0 && slots_idle(spawner.world.image_count) >= spawner.config.slots_parked)
		return false;
	if (slots_idle(0) + spawner.running.len < spawner.config.slots_max)
		return true;
	for (unsigned i = 0; i < spawner.pool_count && !ahead; i++) {
		struct list_node *node = list_first(&spawner.pools[i].ready);
		if (&spawner.pools[i] != pool && node) {
			slot_kill(list_entry(node, struct slot, node));
			return true;
		}
	}
	return false;
}

static void on_refill_due(struct timer *timer);

static void refill_pool(unsigned number, bool ahead)
{
	struct pool *pool = &spawner.pools[number];
	size_t wanted = pool->awaited;
	uint64_t now_ns = clock_now_ns();

	if (ahead && !spawner.draining && !pool->broken && now_ns < pool->retry_ns)
		start_timer(&spawner.refill_timer, pool->retry_ns - now_ns, on_refill_due);
	else if (ahead && !spawner.draining)
		wanted += pool->wanted;
	if (pool->broken || pool->ready.len + pool->making >= wanted || !zygote_may_fill(number))
		return;
	/* dying ones are bounded as well: making must not run away from clearing up */
	while (!pool->broken && pool->ready.len + pool->making < wanted &&
	       spawner.dying.len < spawner.config.slots_max && slot_has_room(pool, ahead))
		if (!slot_make(number, false))
			return;
}

static void on_refill_due(struct timer *timer _unused_)
{
	unsigned count = spawner.pool_count;

	/* at first those that have none: the room for parked ones is everybody's */
	for (unsigned i = 0; i < 2 * count; i++)
		if (i >= count || !(spawner.pools[i].ready.len + spawner.pools[i].making))
			refill_pool(i % count, true);
	if (spawner.waiting) /* perhaps for one that came to nothing */
		runs_dispatch();
}

void slots_refill(bool now)
{
	uint64_t delay_ns = now ? 0 : REFILL_DELAY_NS;

	if (!spawner.probed || spawner.refusal.code || spawner.stopping)
		return;
	for (unsigned i = 0; i < spawner.pool_count; i++)
		refill_pool(i, false);
	if (!spawner.refill_timer.place ||
	    spawner.refill_timer.due_ns > clock_now_ns() + delay_ns) /* it waits for a retry */
		start_timer(&spawner.refill_timer, delay_ns, on_refill_due);
}

/* --- what a slot says --- */

static struct slot *slot_of(struct channel *channel)
{
	return container_of(channel, struct slot, channel);
}

static void on_memory_ran_out(struct watch *watch, uint32_t events _unused_)
{
	struct slot *slot = container_of(watch, struct slot, oom_watch);

	loop_remove(spawner.loop, watch);
	if (slot->run)
		run_end(slot->run, RUN_MEMORY_LIMIT);
	else
		slot_kill(slot);
}

static void slot_is_ready(struct slot *slot)
{
	loop_timer_cancel(spawner.loop, &slot->timer);
	if (slot->zygote) {
		slot_set_state(slot, SLOT_SERVING);
		start_timer(&slot->timer, spawner.config.zygote_time_max_ms * NS_PER_MS, on_slot_due);
		zygote_serves(slot);
		return;
	}
	slot->cpu_base_ns = cgroup_read(&slot->cgroup, CGROUP_CPU);
	slot_set_state(slot, SLOT_READY);
	spawner.gauges.slots_made++;
	spawner.gauges.slots_forked += slot->forked;
	spawner.pools[slot->pool].failures = 0;
	if (!spawner.probed)
		walls_probed(slot);
	runs_dispatch();
}

static void on_slot_ready(struct channel *channel, struct message *message)
{
	struct slot *slot = slot_of(channel);

	if (slot->state != SLOT_MAKING)
		return;
	slot->tmpfs_fd = msg_take_fd(message, 0);
	if (cgroup_watch(&slot->cgroup) < 0 ||
	    (slot->cgroup.oom_fd >= 0 &&
	     loop_add(spawner.loop, &slot->oom_watch, slot->cgroup.oom_fd, EPOLLIN,
		      on_memory_ran_out) < 0)) {
		slot_failed(slot, STEP_CGROUP, (unsigned)errno);
		return;
	}
	if (slot->forked)
		zygote_fill(slot);
	else if (slot->parked || spawner.pools[slot->pool].program_fd < 0)
		slot_is_ready(slot);
}

/* The interpreter may say so before pid 1 says that the jail stands. */
static void on_slot_parked(struct channel *channel, struct message *message _unused_)
{
	struct slot *slot = slot_of(channel);

	if (slot->state != SLOT_MAKING)
		return;
	slot->parked = true;
	if (slot->tmpfs_fd >= 0)
		slot_is_ready(slot);
}

static void on_slot_failed(struct channel *channel, struct message *message)
{
	struct slot *slot = slot_of(channel);
	const struct msg_slot_failed *failed = message->body;

	if (slot->run)
		run_step_failed(slot, failed);
	else
		slot_failed(slot, failed->step, failed->saved_errno);
}

static void on_slot_exited(struct channel *channel, struct message *message)
{
	struct slot *slot = slot_of(channel);

	if (slot->run)
		run_exited(slot, message->body);
	else /* the interpreter that was to be parked has ended */
		slot_failed(slot, STEP_EXEC, ECANCELED);
}

const message_fn slot_handlers[MSG_COUNT] = {
    [MSG_SPAWNER_SLOT_READY] = on_slot_ready,
    [MSG_SPAWNER_SLOT_PARKED] = on_slot_parked,
    [MSG_SPAWNER_SLOT_FAILED] = on_slot_failed,
    [MSG_SPAWNER_ZYGOTE_UNFIT] = on_zygote_unfit,
    [MSG_SPAWNER_SLOT_EXITED] = on_slot_exited,
};
