/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "event/loop.h"

static struct loop *loop;
static int order[64], fired;

struct numbered {
	struct timer timer;
	int number;
};

static void note(struct timer *timer)
{
	order[fired++] = container_of(timer, struct numbered, timer)->number;
}

static void finish(struct timer *timer _unused_)
{
	loop_stop(loop);
}

static void timers_fire_in_order_and_not_when_cancelled(void **state _unused_)
{
	enum { COUNT = 40 };
	static struct numbered timers[COUNT];
	struct timer end = {0};
	uint64_t now = clock_now_ns();

	loop = loop_create();
	fired = 0;
	for (int i = 0; i < COUNT; i++) {
		timers[i].number = i * 7 % COUNT;
		loop_timer_set(loop, &timers[i].timer, now + (uint64_t)timers[i].number * 1000, note);
	}
	for (int i = 0; i < COUNT; i += 3)
		loop_timer_cancel(loop, &timers[i].timer);
	loop_timer_cancel(loop, &timers[0].timer);
	loop_timer_set(loop, &timers[1].timer, now + 2 * NS_PER_MS, note); /* moved to the end */
	loop_timer_set(loop, &end, now + 5 * NS_PER_MS, finish);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(fired, COUNT - (COUNT + 2) / 3);
	for (int i = 1; i < fired - 1; i++)
		assert_true(order[i - 1] < order[i]);
	assert_int_equal(order[fired - 1], timers[1].number);
	loop_destroy(loop);
}

static struct watch a, b;
static int pipes[2][2], seen;

/* Whichever of two ready watches is called first removes the other, which must then stay quiet. */
static void remove_other(struct watch *watch, uint32_t events _unused_)
{
	seen++;
	loop_remove(loop, watch == &a ? &b : &a);
	loop_stop(loop);
}

static void a_removed_watch_is_not_called_from_the_same_batch(void **state _unused_)
{
	loop = loop_create();
	seen = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
	}
	assert_int_equal(loop_add(loop, &a, pipes[0][0], EPOLLIN, remove_other), 0);
	assert_int_equal(loop_add(loop, &b, pipes[1][0], EPOLLIN, remove_other), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(seen, 1);
	loop_destroy(loop);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static int last_signal;

static void on_signal(void *ctx, int signo)
{
	last_signal = signo;
	loop_stop(ctx);
}

static void signals_arrive_on_the_loop(void **state _unused_)
{
	sigset_t set;

	loop = loop_create();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(loop_signals(loop, &set, on_signal, loop), 0);
	kill(getpid(), SIGUSR1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(last_signal, SIGUSR1);
	loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timers_fire_in_order_and_not_when_cancelled),
	    cmocka_unit_test(a_removed_watch_is_not_called_from_the_same_batch),
	    cmocka_unit_test(signals_arrive_on_the_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
