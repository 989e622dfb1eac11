/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spawner: makes jails, hands runs to them, ends them, reads what they used. The only process
 * that stays root; without root it works the same way in a user namespace of its own.
 *
 * Descriptor 3 is the channel to the parent, which it trusts: CONFIGURE, then all images, then
 * CONNECT with a channel to the front. At the first CONNECT it lets go of the host's file system
 * (world.h), makes one jail to see which walls this host can build, and says READY. From the front,
 * which it trusts less, it takes RUN and KILL, within the maxima of CONFIGURE. From a jail it takes
 * SLOT_* and believes them no more than that this jail says so; one nonsense message ends it.
 *
 * It never looks at what a run is made of: the payload and the streams are descriptors that pass
 * through. It never opens a file by a name that a run could have made. Everything slow is done by
 * the cloned process itself (jail.h), so that one loop serves all.
 *
 * When the front dies, its runs are killed; when the parent dies, everything is. When the spawner
 * dies, the kernel kills every pid 1 (parent-death signal), and with it each jail.
 */
#define _GNU_SOURCE
#include "role/spawner.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "confine/creds.h"
#include "ipc/walls.h"
#include "role/inject.h"
#include "role/role.h"

#define NICE_AHEAD      10
#define GAUGES_EVERY_NS NS_PER_SEC
/* What making, watching and clearing jails takes; they themselves keep none of it. */
#define CAPABILITIES_KEPT                                                                          \
	(1ull << CAP_CHOWN | 1ull << CAP_DAC_OVERRIDE | 1ull << CAP_KILL | 1ull << CAP_SETGID |    \
	 1ull << CAP_SETUID | 1ull << CAP_SETPCAP | 1ull << CAP_NET_ADMIN |                        \
	 1ull << CAP_SYS_PTRACE | 1ull << CAP_SYS_CHROOT | 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_RESOURCE)
#define PROBE_AGAIN_NS  (5 * NS_PER_SEC)

struct spawner spawner = {.parent.fd = -1, .front.fd = -1, .park_fd = -1};

static void on_probe_due(struct timer *timer);

void tell_front(enum msg_type type, const void *body)
{
	/*
	 * It has not read for a long time; once it does, our restart tells it that runs are lost.
	 */
	if (channel_send(&spawner.front, type, body, NULL, 0) == -ERR_TOO_LARGE)
		fatal("front_stuck", "message=%s", message_name(type));
}

/* --- numbers --- */

static void on_gauges_due(struct timer *timer _unused_)
{
	struct msg_gauges *gauges = &spawner.gauges;

	gauges->slots_making = (uint32_t)spawner.making.len;
	gauges->slots_ready = gauges->slots_parked = 0;
	for (unsigned i = 0; i < spawner.pool_count; i++) {
		const struct pool *pool = &spawner.pools[i];
		*(pool->program_fd < 0 ? &gauges->slots_ready : &gauges->slots_parked) += (uint32_t)pool->ready.len;
	}
	gauges->slots_running = (uint32_t)spawner.running.len;
	gauges->slots_dying = (uint32_t)spawner.dying.len;
	gauges->zygotes = (uint32_t)spawner.zygotes.len;
	gauges->runs_waiting = spawner.waiting;
	if (memcmp(gauges, &spawner.gauges_sent, sizeof(*gauges)) == 0)
		return;
	spawner.gauges_sent = *gauges;
	tell_front(MSG_FRONT_GAUGES, gauges);
}

void gauges_changed(void)
{
	if (!spawner.gauges_timer.place)
		start_timer(&spawner.gauges_timer, GAUGES_EVERY_NS, on_gauges_due);
}

/* --- the end --- */

static void kill_list(struct list *list)
{
	struct slot *slot;

	list_foreach(list, slot, node)
		slot_kill(slot);
}

void maybe_exit(void)
{
	if (spawner.draining && !spawner.runs.len && !spawner.stopping) {
		spawner.stopping = true;
		kill_list(&spawner.making);
		kill_list(&spawner.zygotes);
		for (unsigned i = 0; i < spawner.pool_count; i++)
			kill_list(&spawner.pools[i].ready);
	}
	if (spawner.stopping && !spawner.dying.len && !spawner.making.len)
		loop_stop(spawner.loop);
}

static void on_drain(struct channel *channel _unused_, struct message *message _unused_)
{
	spawner.draining = true;
	maybe_exit();
}

static void on_parent_closed(struct channel *channel)
{
	runs_abandon();
	on_drain(channel, NULL);
}

/* --- walls --- */

static void walls_send(void)
{
	struct msg_walls walls = spawner.walls;

	if (!spawner.probed || !channel_is_open(&spawner.front))
		return;
	/* those that nobody could look at, because there is no jail at all */
	for (unsigned i = 0; i < WALL_COUNT; i++)
		if (walls.state[i] == WALL_OFF && !walls.why[i][0])
			memcpy(walls.why[i], spawner.refusal.text, MSG_TEXT_BYTES);
	tell_front(MSG_FRONT_WALLS, &walls);
	memset(&spawner.gauges_sent, 0xff, sizeof(spawner.gauges_sent));
	on_gauges_due(NULL);
}

/* A missing wall that the operator has not waived stops every run, by name. */
static void refuse_without_walls(void)
{
	for (unsigned i = 0; i < WALL_COUNT; i++) {
		if (spawner.walls.state[i] != WALL_OFF)
			continue;
		bool waived = spawner.config.walls_waived >> i & 1;
		log_at(waived ? LOG_WARN : LOG_ERROR, "wall_missing",
		       "wall=%s waived=%d reason=\"%s\"", wall_name((enum wall)i), waived,
		       spawner.walls.why[i]);
		if (!waived && !spawner.refusal.code)
			spawner.refusal =
			    run_failure(ERR_WALL_MISSING, "%s: %s", wall_name((enum wall)i),
					spawner.walls.why[i]);
	}
}

static void probe_finish(void)
{
	struct msg_empty ready = {0};

	spawner.probed = true;
	if (spawner.refusal.code) {
		log_at(LOG_ERROR, "no_jail", "text=\"%s\"", spawner.refusal.text);
		runs_refuse(UINT_MAX, &spawner.refusal);
	}
	if (!spawner.said_ready)
		channel_send(&spawner.parent, MSG_PARENT_READY, &ready, NULL, 0);
	spawner.said_ready = true;
	walls_send();
	slots_refill(false);
}

static void probe_begin(void)
{
	unsigned image = 0;

	while (image < spawner.world.image_count && spawner.pools[image].broken)
		image++;
	memset(&spawner.refusal, 0, sizeof(spawner.refusal));
	if (image < spawner.world.image_count) {
		slot_make(image, false);
		return;
	}
	spawner.refusal = run_failure(ERR_IMAGE, "No image could be mounted.");
	probe_finish();
}

static void on_probe_due(struct timer *timer _unused_)
{
	if (!spawner.stopping) {
		spawner.probed = false;
		probe_begin();
	}
}

/*
 * The jail that was to show which walls there are could not be built: leave its wall out, or give
 * up.
 */
void wall_failed(const struct msg_slot_failed *failed)
{
	unsigned wall = jail_step_wall(failed->step);

	/* only a test build has jails without that one, and prepares for it */
	if (wall != WALL_NONE && wall != WALL_MOUNTNS && !(spawner.walls_off & 1ull << wall)) {
		spawner.walls_off |= 1ull << wall;
		snprintf(spawner.walls.why[wall], MSG_TEXT_BYTES, "step %s: %s",
			 jail_step_name(failed->step), strerror((int)failed->saved_errno));
		probe_begin();
		return;
	}
	spawner.refusal = run_failure_of_step(failed->step, failed->saved_errno);
	start_timer(&spawner.refill_timer, PROBE_AGAIN_NS, on_probe_due);
	probe_finish();
}

void walls_probed(struct slot *slot)
{
	struct jail_plan plan = slot_plan(slot, -1);

	probe_walls(spawner.world.proc_fd, slot->pid, &plan, &spawner.walls);
	refuse_without_walls();
	probe_finish();
}

/* --- from the parent --- */

static void open_cgroups(void)
{
	struct err err;

	if (spawner.walls_off & 1ull << WALL_CGROUP)
		return;
	if (cgroup_room_open(&spawner.cgroups, spawner.config.cgroup_parent, getppid(),
	                     spawner.config.slots_max, &err) == 0)
		return;
	spawner.walls_off |= 1ull << WALL_CGROUP;
	snprintf(spawner.walls.why[WALL_CGROUP], MSG_TEXT_BYTES, "%.150s", err.text);
}

static void on_configure(struct channel *channel _unused_, struct message *message)
{
	if (spawner.configured)
		fatal("configure", "what=twice");
	spawner.config = *(const struct msg_spawner_config *)message->body;
	spawner.config.cgroup_parent[MSG_TEXT_BYTES - 1] = '\0';
	spawner.park_fd = msg_take_fd(message, 0);
	spawner.configured = true;
}

static void on_image(struct channel *channel _unused_, struct message *message)
{
	const struct msg_image *msg = message->body;
	_close_ int dir_fd = msg_take_fd(message, 0);
	struct err err;

	if (msg->image != spawner.world.image_count || msg->image >= WORLD_IMAGES_MAX ||
	    spawner.serving)
		fatal("image", "image=%u", msg->image);
	struct pool *pool = &spawner.pools[spawner.pool_count++];
	*pool = (struct pool){.image = msg->image, .program_fd = -1, .wanted = spawner.config.slots_ready};
	list_init(&pool->ready);
	if (world_add_image(&spawner.world, dir_fd, (enum image_kind)msg->kind, &err) < 0) {
		log_at(LOG_ERROR, "image_failed", "image=%u text=\"%s\"", msg->image, err.text);
		pool->broken = true;
	}
}

static void serve(void)
{
	struct err err;

	spawner.serving = true;
	inject_faults();
	open_cgroups();
	if (!spawner.refusal.code && world_build(&spawner.world, &err) < 0)
		spawner.refusal = run_failure(ERR_JAIL_FAILED, "%s", err.text);
	if (spawner.refusal.code) {
		probe_finish();
		return;
	}
	if (creds_keep_capabilities(CAPABILITIES_KEPT) < 0)
		fatal("capabilities", "errno=%d", errno);
	inject_world();
	steps_fs_init(spawner.world.proc_fd);
	probe_begin();
	pools_look(&spawner.pools_timer);
}

static const message_fn front_handlers[MSG_COUNT] = {
    [MSG_SPAWNER_RUN] = on_run,
    [MSG_SPAWNER_KILL] = on_kill,
    [MSG_SPAWNER_METER] = on_meter,
    [MSG_SPAWNER_POOL] = on_pool,
};

static void on_front_closed(struct channel *channel _unused_)
{
	/* it is the first to go at a normal end, when it has nothing left to wait for */
	log_at(spawner.runs.len ? LOG_WARN : LOG_INFO, "front_gone", "runs=%zu", spawner.runs.len);
	runs_abandon();
	pools_forget();
}

static void on_connect(struct channel *channel _unused_, struct message *message)
{
	const struct msg_connect *msg = message->body;

	if (msg->role != ROLE_FRONT || !spawner.configured)
		fatal("connect", "role=%u", msg->role);
	if (channel_is_open(&spawner.front)) {
		channel_close(&spawner.front);
		on_front_closed(&spawner.front);
	}
	if (channel_open(&spawner.front, spawner.loop, msg_take_fd(message, 0), ROLE_SPAWNER,
			 ROLE_FRONT, front_handlers, on_front_closed) < 0)
		fatal("connect", "peer=front errno=%d", errno);
	if (!spawner.serving)
		serve();
	else
		walls_send();
}

static const message_fn parent_handlers[MSG_COUNT] = {
    [MSG_SPAWNER_CONFIGURE] = on_configure,
    [MSG_SPAWNER_IMAGE] = on_image,
    [MSG_ANY_CONNECT] = on_connect,
    [MSG_ANY_DRAIN] = on_drain,
};

#ifdef __SANITIZE_ADDRESS__
/* The search for leaks wants a /proc, which our world does not have. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(void)
{
	struct list *const lists[] = {&spawner.making, &spawner.running, &spawner.dying, &spawner.zygotes, &spawner.runs};
	struct err err;

	log_init("spawner", LOG_INFO);
	role_ignore_signals();
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		list_init(lists[i]);
	/* deadlines are kept, and runs handed over, also when all processors are busy */
	spawner.nice = getpriority(PRIO_PROCESS, 0);
	setpriority(PRIO_PROCESS, 0, spawner.nice - NICE_AHEAD);
	spawner.processors = (unsigned)MAX_OF(sysconf(_SC_NPROCESSORS_ONLN), 1);
	spawner.loop = loop_create();
	if (!spawner.loop)
		fatal("no_memory", "what=loop");
	if (world_init(&spawner.world, geteuid() != 0, &err) < 0)
		spawner.refusal = run_failure(ERR_JAIL_FAILED, "%s", err.text);
	if (channel_open(&spawner.parent, spawner.loop, ROLE_PARENT_FD, ROLE_SPAWNER, ROLE_PARENT,
			 parent_handlers, on_parent_closed) < 0)
		fatal("connect", "peer=parent errno=%d", errno);
	int rc = loop_run(spawner.loop);
	cgroup_room_close(&spawner.cgroups);
	return rc < 0;
}
