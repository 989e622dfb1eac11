/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the spawner share. */
#ifndef SG_ROLE_SPAWNER_H
#define SG_ROLE_SPAWNER_H

#include "base/err.h"
#include "base/list.h"
#include "event/loop.h"
#include "ipc/channel.h"
#include "sandbox/cgroup.h"
#include "sandbox/jail.h"
#include "sandbox/world.h"

#define SLOT_NUMBERS (UID_SLOT_LAST - UID_SLOT_FIRST + 1)

/*
 * MAKING: on spawner.making. READY: on its image's list. RUNNING: on spawner.running. DYING: on
 * spawner.dying. SERVING, a zygote: on spawner.zygotes.
 */
enum slot_state { SLOT_MAKING, SLOT_READY, SLOT_RUNNING, SLOT_DYING, SLOT_SERVING };

/* A run, from SPAWNER_RUN to its answer, on spawner.runs. */
struct run {
	struct list_node node;
	struct msg_run msg;
	int fds[MSG_FDS_MAX];       /* until they are handed over */
	unsigned fd_count;
	int collect_fd;             /* for what it leaves, until it is handed over; -1: nothing is wanted */
	struct collector *collector; /* that will take it; NULL: none */
	struct slot *slot;          /* NULL while waiting */
	struct msg_run_done done;   /* as far as it is known */
	bool ended;                 /* done.end stands: by a limit, by KILL, or by its own exit */
	bool measured;              /* done has what it used */
	struct msg_metered metered; /* what is to be told when its collector has ended before it */
	uint64_t started_ns;
	struct timer timer;         /* the wall deadline, or the next look at the CPU time */
};

struct slot {
	struct list_node node;
	enum slot_state state;
	unsigned number, pool;
	bool parked;                /* the interpreter in it waits for a run */
	bool zygote;                /* the interpreter in it is forked for other slots */
	bool forked;                /* the interpreter in it is to come, or has come, from a zygote */
	unsigned children;          /* of a zygote */
	int fork_fd;                /* the slot's end of the channel, for a zygote's child; else -1 */
	pid_t pid;
	int pidfd, tmpfs_fd;
	struct watch pid_watch, oom_watch;
	struct channel channel;
	struct cgroup cgroup;
	uint64_t disk_bytes, cpu_base_ns;
	struct run *run;            /* RUNNING, and DYING until the run is answered */
	struct timer timer;         /* MAKING, DYING: when it must be done; tries to clear away */
	unsigned remove_tries;
};

/* Slots of one kind: the first pools are those of the images, the others have parked interpreters. */
struct pool {
	unsigned image;
	struct list ready;
	unsigned making, awaited;   /* slots; by so many runs, when it was looked last */
	bool broken;
	uint64_t retry_ns;          /* after a failure none is made ahead before this */
	unsigned failures;          /* in a row */
	bool forks;                 /* filled by a zygote, not by exec */
	struct slot *zygote, *next_zygote; /* the one that serves, the one that is made; or NULL */
	int program_fd;             /* what is parked in them; -1: nothing */
	uint32_t stage;             /* enum stage that it is for */
	char file[MSG_NAME_BYTES];
	unsigned wanted, most;      /* kept ready now; and at most, with a program */
	uint64_t used_ns;
};

#define POOLS_MAX (WORLD_IMAGES_MAX + 64)

struct spawner {
	struct loop *loop;
	struct channel parent, front;
	struct msg_spawner_config config;
	bool configured, serving, probed, said_ready, draining, stopping;
	struct world world;
	struct cgroup_room cgroups;
	struct msg_walls walls;
	uint64_t walls_off;         /* bits: missing, or left out by a test build */
	unsigned fail_step;
	struct msg_run_failed refusal; /* code 0: runs are taken */
	struct pool pools[POOLS_MAX];
	unsigned pool_count;
	int park_fd;                /* the library that parks; -1: no such pools */
	struct list making, running, dying, zygotes; /* of slots */
	struct list runs;
	unsigned waiting;           /* runs without a slot */
	unsigned processors;
	int nice;                   /* what jails have; ours is lower */
	bool taken[SLOT_NUMBERS];   /* slot numbers in use; quarantined ones stay so */
	unsigned next_number;
	struct msg_gauges gauges, gauges_sent;
	struct timer gauges_timer, refill_timer, pools_timer;
};

extern struct spawner spawner;

static inline void start_timer(struct timer *timer, uint64_t delay_ns, void (*fn)(struct timer *))
{
	loop_timer_set(spawner.loop, timer, clock_now_ns() + delay_ns, fn);
}

/* --- spawner_slot.c --- */

/*
 * Begins to make a jail of this pool, or the one that a zygote for it is in; a failure, also one at once (false),
 * goes where failed jails go.
 */
bool slot_make(unsigned pool, bool zygote);
/* Whether one may be made: ahead of need, or else in the place of a ready one of another pool, which is killed. */
bool slot_has_room(const struct pool *pool, bool ahead);
/* A ready one, now RUNNING and off its list, or NULL. */
struct slot *slot_take(unsigned pool);
/* SIGKILL to everything in it; it becomes DYING. Harmless with NULL. */
void slot_kill(struct slot *slot);
/* Nothing lives in it any more; its number is free once the kernel lets go of the cgroup. */
void slot_clear(struct slot *slot);
/* Makes slots where too few are ready or runs wait; now: what waits for a quiet moment need not wait longer. */
void slots_refill(bool now);
extern const message_fn slot_handlers[MSG_COUNT];

/* What a jail of this slot is made of; the channel's end is the slot's. */
struct jail_plan slot_plan(const struct slot *slot, int channel_fd);

/* Goes on in jail_main, or in collector_main if the plan has something to collect. -1: errno. */
pid_t spawner_clone(struct jail_plan *plan, int cgroup_fd, struct watch *watch, int *ret_pidfd,
		    void (*ended)(struct watch *, uint32_t));
/* What the watch was for has ended. Whether that said that all went well. */
bool spawner_reap(struct watch *watch, int *pidfd);

/* --- spawner_collect.c --- */

/*
 * Makes one for a run that has its slot: it puts up its walls and waits. fd is taken: what is wanted, and where what is
 * found goes. NULL: there can be none.
 */
struct collector *collector_create(struct run *run, int fd);
/* Now: run_collected() follows. Harmless when it has been said. */
void collector_go(struct collector *collector);
/* It is not needed. Harmless with NULL. */
void collector_cancel(struct collector *collector);

/* --- spawner_zygote.c --- */

/* Whether slots of this pool can be made now. If it wants a zygote first, that is made. */
bool zygote_may_fill(unsigned pool);
/* A zygote can be forked from now on; another one of its pool ends. */
void zygote_serves(struct slot *slot);
/* The jail stands: asks the pool's zygote for a child that goes there. */
void zygote_fill(struct slot *slot);
/* It is no more; nor are the slots that wait for a child of it. */
void zygote_gone(struct slot *slot);
/* Another one is to take its place. */
void zygote_replace(struct slot *slot);
/* The pool has none from now on. */
void zygotes_end(struct pool *pool);
/* The pool is not filled by forks any more; the front is told why. */
void zygote_give_up(unsigned pool, const char *why);
void on_zygote_unfit(struct channel *channel, struct message *message);

/* --- spawner_pool.c --- */

void on_pool(struct channel *channel, struct message *message);
/* The front is gone: its pools are emptied, the next one brings its own. */
void pools_forget(void);
/* Takes down what is more than wanted, now and every minute from then on. */
void pools_look(struct timer *timer);
/* The slot for a run: of the pool that it names, else of its image. NULL: none is ready, or a better one soon. */
struct slot *pool_take(const struct msg_run *msg);
/* No interpreter can be parked there any more, it seems. */
void pool_failed(unsigned pool, const char *why);
/* Tells the front how it is filled. */
void pool_tell_way(unsigned pool, enum pool_way way, const char *why);

/* --- spawner_run.c --- */

void on_run(struct channel *channel, struct message *message);
void on_kill(struct channel *channel, struct message *message);
void on_meter(struct channel *channel, struct message *message);
/* Why a run is not started. */
struct msg_run_failed run_failure(enum err_code code, const char *fmt, ...) _printf_(2, 3);
struct msg_run_failed run_failure_of_step(unsigned step, unsigned saved_errno);
/* Hands waiting runs to ready slots. */
void runs_dispatch(void);
/* The front is gone: nobody waits for any of them. */
void runs_abandon(void);
/* Refuses all that wait for this image (any: UINT_MAX), as struct msg_run_failed says. */
void runs_refuse(unsigned image, const struct msg_run_failed *why);
/* What the slot of a run says, and its end. */
void run_step_failed(struct slot *slot, const struct msg_slot_failed *failed);
void run_exited(struct slot *slot, const struct msg_slot_exited *exited);
/* Its slot is killed, and it is answered when nothing of it lives any more; unless it has ended already. */
void run_end(struct run *run, enum run_end end);
/* True: it is not answered before run_collected() */
bool run_slot_died(struct slot *slot);
void run_collected(struct run *run, bool collected);

/* --- spawner.c --- */

void walls_probed(struct slot *slot);
void wall_failed(const struct msg_slot_failed *failed);
void tell_front(enum msg_type type, const void *body);
/* Sends the gauges, soon. */
void gauges_changed(void);
/* Exits once nothing is left to wait for. */
void maybe_exit(void);

#endif
