/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools of parked interpreters: slots in which the program of a runtime was started ahead, behind every
 * wall, and waits before it opens its first file. They are the same slots, used once as all are; a run
 * that finds none takes an empty one, and is exec'd. A pool is as large as was needed lately.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/spawner.h"

#define LOOK_EVERY_NS  (60 * NS_PER_SEC)
#define COLD_AFTER_NS  (600 * NS_PER_SEC) /* without a run */
#define FAILURES_MOST  3                  /* in a row: then the pool is given up */

/* Without a slot to fill, a zygote is no more needed either: the pool is cold. */
static void shrink(struct pool *pool)
{
	struct slot *slot;

	if (!pool->wanted)
		zygotes_end(pool);
	list_foreach(&pool->ready, slot, node)
		if (pool->ready.len > pool->wanted)
			slot_kill(slot);
}

/* Empty slots are for anybody, and never cold. Callers who left while theirs were made have left too many of them. */
void pools_look(struct timer *timer)
{
	uint64_t now_ns = clock_now_ns();

	for (unsigned i = 0; i < spawner.pool_count; i++) {
		struct pool *pool = &spawner.pools[i];
		uint64_t idle_ns = pool->program_fd < 0 ? 0 : now_ns - pool->used_ns;
		if (idle_ns >= COLD_AFTER_NS)
			pool->wanted = 0;
		else if (idle_ns >= LOOK_EVERY_NS && pool->wanted > 1)
			pool->wanted--;
		shrink(pool);
	}
	start_timer(timer, LOOK_EVERY_NS, pools_look);
}

void pool_tell_way(unsigned number, enum pool_way way, const char *why)
{
	struct msg_pool_way msg = {.pool = number - spawner.world.image_count + 1, .way = way};

	snprintf(msg.why, sizeof(msg.why), "%s", why);
	tell_front(MSG_FRONT_POOL_WAY, &msg);
}

/* Not where a jail is of another user namespace, or not in namespaces at all: they could not be entered. */
static void want_zygote(unsigned number)
{
	if (spawner.world.rootless)
		pool_tell_way(number, POOL_PARKED, "A server without root cannot put processes into jails that stand.");
	else if (spawner.walls_off & (1ull << WALL_PIDNS | 1ull << WALL_MOUNTNS))
		pool_tell_way(number, POOL_PARKED, "Jails have no pid or mount namespace of their own.");
	else
		spawner.pools[number].forks = true;
}

void on_pool(struct channel *channel _unused_, struct message *message)
{
	const struct msg_pool *msg = message->body;

	if (spawner.park_fd < 0) {
		pool_tell_way(msg->pool + spawner.world.image_count - 1, POOL_EXEC, "sandglass-park.so is not there.");
		return;
	}
	if (spawner.pool_count == POOLS_MAX || msg->stage > STAGE_RUN ||
	    msg->image >= spawner.world.image_count ||
	    msg->pool != spawner.pool_count - spawner.world.image_count + 1) {
		spawner.gauges.bad_messages++;
		return;
	}
	struct pool *pool = &spawner.pools[spawner.pool_count++];
	*pool = (struct pool){.image = msg->image, .stage = msg->stage, .program_fd = msg_take_fd(message, 0),
			      .most = msg->slots_most, .wanted = MIN_OF(msg->slots_most, 1u),
			      .broken = spawner.pools[msg->image].broken, .used_ns = clock_now_ns()};
	if (msg->zygote)
		want_zygote(spawner.pool_count - 1);
	memcpy(pool->file, msg->file, sizeof(pool->file) - 1);
	list_init(&pool->ready);
	slots_refill(false);
}

static void pool_empty(struct pool *pool)
{
	pool->wanted = pool->most = 0;
	shrink(pool);
}

/* Those that are being made keep their place until they are cleared away. */
void pools_forget(void)
{
	struct slot *slot;

	list_foreach(&spawner.making, slot, node)
		if (slot->pool >= spawner.world.image_count)
			slot_kill(slot);
	for (unsigned i = spawner.world.image_count; i < spawner.pool_count; i++) {
		pool_empty(&spawner.pools[i]);
		spawner.pools[i].program_fd = fd_close(spawner.pools[i].program_fd);
	}
	spawner.pool_count = spawner.world.image_count;
}

void pool_failed(unsigned number, const char *why)
{
	struct pool *pool = &spawner.pools[number];

	if (pool->failures < FAILURES_MOST)
		return;
	if (pool->forks) {
		zygote_give_up(number, why);
		return;
	}
	log_at(LOG_ERROR, "pool_off", "pool=%u file=%s", number - spawner.world.image_count + 1, pool->file);
	pool->broken = true;
	pool_empty(pool);
	pool_tell_way(number, POOL_EXEC, why);
}

/* A zygote's child is there sooner than an interpreter that is exec'd: worth to wait for, if one is made or can be. */
static bool await_child(struct pool *pool)
{
	if (!pool->zygote || (pool->making <= pool->awaited && !slot_has_room(pool, true)))
		return false;
	pool->awaited++;
	pool->wanted = MIN_OF(MAX_OF(pool->wanted, pool->awaited), pool->most);
	return true;
}

struct slot *pool_take(const struct msg_run *msg)
{
	unsigned number = spawner.world.image_count + msg->pool - 1;
	struct slot *slot = NULL;

	if (msg->pool && number < spawner.pool_count && spawner.pools[number].image == msg->image &&
	    spawner.pools[number].stage == msg->stage) {
		struct pool *pool = &spawner.pools[number];
		pool->used_ns = clock_now_ns();
		slot = slot_take(number);
		if (!slot && await_child(pool))
			return NULL;
		if (!slot) /* the next one shall find one */
			pool->wanted = MIN_OF(pool->wanted + 1, pool->most);
	}
	if (!slot)
		slot = slot_take(msg->image);
	spawner.pools[msg->image].awaited += !slot;
	return slot;
}
