/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zygotes: for a pool that wants it, one interpreter is started outside of any slot, in a jail of its own
 * (phase ZYGOTE of steps.def), and then forked into each slot of the pool. A slot filled so is as any
 * other parked one. If it cannot be done the pool is filled by exec, as pools without zygotes are.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/spawner.h"

static struct pool *pool_of(const struct slot *slot)
{
	return &spawner.pools[slot->pool];
}

bool zygote_may_fill(unsigned number)
{
	struct pool *pool = &spawner.pools[number];

	if (pool->forks && !pool->zygote && !pool->next_zygote)
		slot_make(number, true);
	return !pool->forks || pool->zygote;
}

void zygote_serves(struct slot *slot)
{
	struct pool *pool = pool_of(slot);

	if (pool->zygote)
		slot_kill(pool->zygote); /* with the slots it has orders for, that it may not have read */
	else
		pool_tell_way(slot->pool, POOL_ZYGOTE, "");
	pool->zygote = slot;
	pool->next_zygote = NULL;
	slots_refill(false);
}

void zygote_fill(struct slot *slot)
{
	struct slot *zygote = pool_of(slot)->zygote;
	struct jail_plan plan = slot_plan(slot, -1);
	int fds[] = {fcntl(slot->pidfd, F_DUPFD_CLOEXEC, 0), fd_steal(&slot->fork_fd)};
	struct msg_slot_fork order = {
	    .walls_off = plan.walls_off, .fail_step = plan.fail_step, .slot = plan.slot, .uid = plan.uid,
	    .open_files_max = plan.open_files_max, .cgroup_version = spawner.cgroups.version,
	    .cgroup_hierarchies = spawner.cgroups.hierarchies, .stage = pool_of(slot)->stage,
	};

	if (!zygote || channel_send(&zygote->channel, MSG_SLOT_FORK, &order, fds, ARRAY_LEN(fds)) < 0)
		slot_kill(slot);
	else if (++zygote->children >= spawner.config.zygote_children_max)
		zygote_replace(zygote);
}

void zygote_replace(struct slot *slot)
{
	if (!pool_of(slot)->next_zygote)
		slot_make(slot->pool, true);
}

void zygote_gone(struct slot *zygote)
{
	struct pool *pool = pool_of(zygote);
	struct slot *slot;

	if (pool->next_zygote == zygote)
		pool->next_zygote = NULL;
	if (pool->zygote != zygote)
		return;
	pool->zygote = NULL;
	list_foreach(&spawner.making, slot, node)
		if (slot->forked && slot->pool == zygote->pool)
			slot_kill(slot);
}

void zygotes_end(struct pool *pool)
{
	slot_kill(pool->zygote);
	slot_kill(pool->next_zygote);
}

void zygote_give_up(unsigned number, const char *why)
{
	struct pool *pool = &spawner.pools[number];

	log_at(LOG_WARN, "zygote_off", "pool=%u file=%s why=\"%s\"", number - spawner.world.image_count + 1,
	       pool->file, why);
	pool->forks = false;
	pool->failures = 0;
	zygotes_end(pool);
	pool_tell_way(number, POOL_PARKED, why);
	slots_refill(false);
}

void on_zygote_unfit(struct channel *channel, struct message *message)
{
	const struct slot *slot = container_of(channel, struct slot, channel);
	struct msg_unfit unfit = *(const struct msg_unfit *)message->body;

	unfit.why[MSG_TEXT_BYTES - 1] = '\0';
	if (slot->zygote && slot->state != SLOT_DYING)
		zygote_give_up(slot->pool, unfit.why);
}
