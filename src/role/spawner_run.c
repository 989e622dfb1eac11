/* SPDX-License-Identifier: Apache-2.0 */
/* Runs: taken from the front, handed to slots, ended by limits, answered. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/spawner.h"

#define CPU_LOOK_LEAST_NS NS_PER_MS
#define CPU_MILLI_MAX     1024000u
#define RUN_FDS_LEAST     4u /* payload and streams */
#define WALL_NS_MAX       (366ull * 86400 * NS_PER_SEC) /* keeps sums of times from wrapping */

static void on_run_due(struct timer *timer);

/* --- answers --- */

static void run_free(struct run *run)
{
	loop_timer_cancel(spawner.loop, &run->timer);
	list_remove(&spawner.runs, &run->node);
	if (run->slot)
		run->slot->run = NULL;
	else
		spawner.waiting--;
	for (unsigned i = 0; i < run->fd_count; i++)
		fd_close(run->fds[i]);
	fd_close(run->collect_fd);
	collector_cancel(run->collector);
	free(run);
	gauges_changed();
}

static void refuse_job(uint64_t job, const struct msg_run_failed *why)
{
	struct msg_run_failed failed = *why;

	failed.job = job;
	tell_front(MSG_FRONT_RUN_FAILED, &failed);
}

static void run_refuse(struct run *run, const struct msg_run_failed *why)
{
	refuse_job(run->msg.job, why);
	run_free(run);
}

struct msg_run_failed run_failure(enum err_code code, const char *fmt, ...)
{
	struct msg_run_failed failed;
	va_list ap;

	memset(&failed, 0, sizeof(failed));
	failed.code = code;
	va_start(ap, fmt);
	vsnprintf(failed.text, sizeof(failed.text), fmt, ap);
	va_end(ap);
	return failed;
}

struct msg_run_failed run_failure_of_step(unsigned step, unsigned saved_errno)
{
	struct msg_run_failed failed =
	    run_failure(ERR_JAIL_FAILED, "The jail could not be built: step %s: %s.",
			jail_step_name(step), strerror((int)saved_errno));

	failed.step = step;
	failed.saved_errno = saved_errno;
	return failed;
}

static void run_answer(struct run *run)
{
	tell_front(MSG_FRONT_RUN_DONE, &run->done);
	spawner.gauges.runs_done++;
	run_free(run);
}

static void set_end(struct run *run, enum run_end end)
{
	run->ended = true;
	run->done.end = end;
}

/* What the slot has used since it became the run's. */
static uint64_t run_cpu_ns(const struct run *run)
{
	uint64_t cpu_ns = cgroup_read(&run->slot->cgroup, CGROUP_CPU);

	return MAX_OF(cpu_ns, run->slot->cpu_base_ns) - run->slot->cpu_base_ns;
}

/* Reads what the slot has used, while its processes may still be dying. */
static void run_measure(struct run *run, uint64_t ended_ns)
{
	const struct slot *slot = run->slot;

	if (run->measured)
		return;
	run->measured = true;
	run->done.ended_ns = run->done.ended_ns ? run->done.ended_ns : ended_ns;
	run->done.wall_ns = MAX_OF(ended_ns, run->started_ns) - run->started_ns;
	run->done.cpu_ns = run_cpu_ns(run);
	run->done.memory_peak_bytes = cgroup_read(&slot->cgroup, CGROUP_PEAK);
	run->done.processes_hit = (uint32_t)cgroup_read(&slot->cgroup, CGROUP_REFUSED);
	run->done.disk_full = tmpfs_is_full(slot->tmpfs_fd);
	if (run->done.end != RUN_EXITED && run->done.end != RUN_SIGNALED)
		return;
	/* It was over before a limit was enforced, but not within it. */
	if (cgroup_read(&slot->cgroup, CGROUP_OOM) > 0)
		set_end(run, RUN_MEMORY_LIMIT);
	else if (run->done.wall_ns >= run->msg.limits.wall_ns)
		set_end(run, RUN_WALL_LIMIT);
	else if (run->done.cpu_ns >= run->msg.limits.cpu_ns)
		set_end(run, RUN_CPU_LIMIT);
}

/* --- from the front --- */

static struct run *run_find(uint64_t job)
{
	struct run *run;

	list_foreach(&spawner.runs, run, node)
		if (run->msg.job == job)
			return run;
	return NULL;
}

/* The front is less trusted: it may ask only for what the parent has configured. */
static bool is_sane(const struct msg_run *msg, unsigned fd_count)
{
	const struct run_limits *asked = &msg->limits;
	const struct msg_spawner_config *config = &spawner.config;
	unsigned most = RUN_FDS_LEAST + 1 + msg->packs + msg->collect;

	return msg->image < spawner.world.image_count && msg->stage <= STAGE_RUN &&
	       msg->packs <= PACKS_MAX && msg->collect <= 1 && fd_count <= most && fd_count + (msg->stage == STAGE_RUN) >= most &&
	       (msg->stage == STAGE_RUN || (asked->artefact_bytes && !msg->collect)) &&
	       asked->wall_ns && asked->wall_ns <= WALL_NS_MAX && asked->cpu_ns && asked->cpu_ns <= WALL_NS_MAX &&
	       asked->memory_bytes && asked->memory_bytes <= config->memory_bytes_max &&
	       asked->disk_bytes && asked->disk_bytes <= config->disk_bytes_max &&
	       asked->processes && asked->processes <= config->processes_max && asked->open_files &&
	       asked->open_files <= config->open_files_max && asked->cpu_milli &&
	       asked->cpu_milli <= CPU_MILLI_MAX &&
	       !run_find(msg->job);
}

static bool must_refuse(const struct msg_run *msg, unsigned fd_count,
			struct msg_run_failed *ret_why)
{
	if (!is_sane(msg, fd_count)) {
		spawner.gauges.bad_messages++;
		*ret_why =
		    run_failure(ERR_PROTOCOL, "The front asked for a run that is not allowed.");
	} else if (spawner.draining) {
		*ret_why = run_failure(ERR_DRAINING, "The server is shutting down.");
	} else if (spawner.refusal.code) {
		*ret_why = spawner.refusal;
	} else if (spawner.pools[msg->image].broken) {
		*ret_why = run_failure(ERR_IMAGE, "The image could not be mounted.");
	} else if (spawner.waiting >= spawner.config.slots_max) {
		*ret_why = run_failure(ERR_UNAVAILABLE, "Too many runs wait for a jail.");
	} else {
		return false;
	}
	return true;
}

void on_run(struct channel *channel _unused_, struct message *message)
{
	const struct msg_run *msg = message->body;
	struct msg_run_failed why;

	if (must_refuse(msg, message->fd_count, &why)) {
		refuse_job(msg->job, &why);
		gauges_changed();
		return;
	}
	struct run *run = calloc(1, sizeof(*run));
	if (!run)
		fatal("no_memory", "what=run");
	run->msg = *msg;
	run->done.job = msg->job;
	run->fd_count = message->fd_count;
	for (unsigned i = 0; i < run->fd_count; i++)
		run->fds[i] = msg_take_fd(message, i);
	run->collect_fd = msg->collect ? run->fds[--run->fd_count] : -1;
	list_push_back(&spawner.runs, &run->node);
	spawner.waiting++;
	runs_dispatch();
}

void run_end(struct run *run, enum run_end end)
{
	if (run->ended)
		return;
	set_end(run, end);
	run->done.ended_ns = clock_now_ns(); /* its partner may see it now, we when its jail is down */
	if (run->slot)
		slot_kill(run->slot);
	else
		run_answer(run);
}

/* Its end and this message may have crossed. A signal is for the program, not for our pid 1. */
void on_kill(struct channel *channel _unused_, struct message *message)
{
	const struct msg_kill *msg = message->body;
	struct run *run = run_find(msg->job);

	if (!run || run->ended)
		return;
	if (msg->reason != KILL_SIGNAL) {
		run->done.kill_reason = msg->reason;
		run_end(run, RUN_KILLED);
	} else if (run->slot) {
		cgroup_kill(&run->slot->cgroup, (int)msg->signal, run->slot->pid);
	}
}

void runs_abandon(void)
{
	struct run *run;

	list_foreach(&spawner.runs, run, node) {
		if (run->slot)
			slot_kill(run->slot);
		run_free(run);
	}
}

void runs_refuse(unsigned image, const struct msg_run_failed *why)
{
	struct run *run;

	list_foreach(&spawner.runs, run, node)
		if (!run->slot && (image == UINT_MAX || run->msg.image == image))
			run_refuse(run, why);
}

/* --- to the slot --- */

/*
 * The CPU time is looked at when the limit could first be passed, on all processors at once: within
 * a period of its quota a run may use more of them than its share.
 */
static void run_arm(struct run *run, uint64_t now_ns, uint64_t used_ns)
{
	uint64_t left_ns = run->msg.limits.cpu_ns - used_ns;
	uint64_t due_ns = now_ns + MAX_OF(left_ns / spawner.processors, CPU_LOOK_LEAST_NS);

	loop_timer_set(spawner.loop, &run->timer, MIN_OF(due_ns, run->started_ns + run->msg.limits.wall_ns), on_run_due);
}

static void on_run_due(struct timer *timer)
{
	struct run *run = container_of(timer, struct run, timer);
	uint64_t now_ns = clock_now_ns(), used_ns = run_cpu_ns(run);

	if (now_ns >= run->started_ns + run->msg.limits.wall_ns)
		run_end(run, RUN_WALL_LIMIT);
	else if (used_ns >= run->msg.limits.cpu_ns)
		run_end(run, RUN_CPU_LIMIT);
	else
		run_arm(run, now_ns, used_ns);
}

/*
 * What it has used so far; from now on it may use so much more. One that waits for a slot has used nothing,
 * and one that has ended is answered by RUN_DONE.
 */
void on_meter(struct channel *channel _unused_, struct message *message)
{
	const struct msg_meter *msg = message->body;
	struct run *run = run_find(msg->job);
	uint64_t now_ns = clock_now_ns();

	if (!run || !run->slot || run->ended || msg->wall_ns > WALL_NS_MAX || msg->cpu_ns > WALL_NS_MAX)
		return;
	run->metered = (struct msg_metered){.job = msg->job, .number = msg->number, .cpu_ns = run_cpu_ns(run),
					    .memory_peak_bytes = cgroup_read(&run->slot->cgroup, CGROUP_PEAK)};
	run->msg.limits.wall_ns = now_ns - run->started_ns + msg->wall_ns;
	run->msg.limits.cpu_ns = run->metered.cpu_ns + msg->cpu_ns;
	run_arm(run, now_ns, run->metered.cpu_ns);
	if (message->fd_count) {
		collector_cancel(run->collector);
		run->collector = collector_create(run, msg_take_fd(message, 0));
	}
	if (msg->collect == 1 && run->collector)
		collector_go(run->collector);
	else
		tell_front(MSG_FRONT_METERED, &run->metered);
}

/* Beside the program there are pid 1 and, when compiling, the launcher. */
static uint32_t pids_of(const struct msg_run *msg)
{
	return msg->limits.processes + (msg->stage == STAGE_COMPILE ? 2 : 1);
}

static int set_limits(const struct run *run, struct slot *slot)
{
	const struct run_limits *asked = &run->msg.limits;
	struct cgroup_limits limits = {asked->memory_bytes, pids_of(&run->msg), asked->cpu_milli};

	if (cgroup_set_limits(&slot->cgroup, &limits) < 0)
		return -1;
	if (asked->disk_bytes == slot->disk_bytes)
		return 0;
	slot->disk_bytes = asked->disk_bytes;
	return tmpfs_resize(slot->tmpfs_fd, asked->disk_bytes);
}

static void hand_over(struct run *run, struct slot *slot)
{
	const struct run_limits *asked = &run->msg.limits;
	bool rlimits = !(spawner.walls_off & 1ull << WALL_RLIMITS);
	struct msg_slot_run msg = {
	    .stage = run->msg.stage, .packs = run->msg.packs, .disk_bytes = asked->disk_bytes, .artefact_bytes = asked->artefact_bytes,
	    .open_files = rlimits ? asked->open_files : 0, .file_bytes = rlimits ? asked->disk_bytes : 0,
	    .processes = rlimits && spawner.world.rootless ? pids_of(&run->msg) : 0,
	};
	unsigned fd_count = run->fd_count;

	spawner.waiting--;
	run->slot = slot;
	slot->run = run;
	run->started_ns = clock_now_ns();
	int rc = set_limits(run, slot);
	if (rc == 0) {
		run->fd_count = 0; /* sending closes them in any case */
		rc = channel_send(&slot->channel, MSG_SLOT_RUN, &msg, run->fds, fd_count);
	}
	if (rc == 0) {
		run->done.warm = slot->parked;
		run->done.started = 1; /* the launcher says when not: a word for each success would cost two wake-ups */
		run_arm(run, run->started_ns, 0);
		if (run->collect_fd >= 0)
			run->collector = collector_create(run, fd_steal(&run->collect_fd));
		return;
	}
	struct msg_run_failed why = run_failure_of_step(STEP_RECEIVE, (unsigned)errno);
	run_refuse(run, &why);
	slot_kill(slot);
}

void runs_dispatch(void)
{
	struct run *run;
	struct slot *slot;

	for (unsigned i = 0; i < spawner.pool_count; i++)
		spawner.pools[i].awaited = 0;
	list_foreach(&spawner.runs, run, node)
		if (!run->slot && (slot = pool_take(&run->msg)))
			hand_over(run, slot);
	slots_refill(false);
	gauges_changed();
}

/* --- from the slot --- */

/*
 * The program, or its files, could not be set up: the run still ends with an exit code, and this
 * reason.
 */
void run_step_failed(struct slot *slot, const struct msg_slot_failed *failed)
{
	struct run *run = slot->run;

	run->done.failed_step = failed->step;
	run->done.failed_errno = failed->saved_errno;
	if (failed->step != STEP_ARTEFACT)
		run->done.started = 0;
}

void run_exited(struct slot *slot, const struct msg_slot_exited *exited)
{
	struct run *run = slot->run;
	int status = exited->wait_status;

	if (!run->ended) {
		run->done.artefact = exited->artefact == 1;
		set_end(run, WIFSIGNALED(status) ? RUN_SIGNALED : RUN_EXITED);
		run->done.exit_code = WIFEXITED(status) ? (uint32_t)WEXITSTATUS(status) : 0;
		run->done.signal = WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0;
	}
	/* the jail's word is good for no more than that it was not later than now */
	run_measure(run, MIN_OF(exited->ended_ns, clock_now_ns()));
	if (!run->collector)
		run_answer(run);
	else if (exited->alone)
		collector_go(run->collector);
	slot_kill(slot);
	slots_refill(!slot->run); /* a new jail is not to keep the collector waiting, whose end is one more occasion */
}

bool run_slot_died(struct slot *slot)
{
	struct run *run = slot->run;

	run_measure(run, clock_now_ns());
	if (run->ended && run->collector) {
		cgroup_kill(&slot->cgroup, SIGKILL, 0); /* without a pid namespace: what pid 1 left */
		collector_go(run->collector);
		return true;
	}
	if (run->ended) {
		run_answer(run);
	} else {
		struct msg_run_failed why =
		    run_failure(ERR_JAIL_FAILED, "The jail died under the program.");
		why.step = run->done.failed_step;
		why.saved_errno = run->done.failed_errno;
		run_refuse(run, &why);
	}
	return false;
}

void run_collected(struct run *run, bool collected)
{
	struct slot *slot = run->slot;

	run->done.collected = run->metered.collected = collected;
	if (!run->ended) {
		tell_front(MSG_FRONT_METERED, &run->metered);
		return;
	}
	run_answer(run);
	slots_refill(true);
	if (slot->pidfd < 0) /* it has waited for this */
		slot_clear(slot);
}
