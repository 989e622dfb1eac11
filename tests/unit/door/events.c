/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "door/events.h"

static const struct config config = {
    .stream_time_ms = 1000000, .stream_kept_bytes = 1000, .stream_bytes_max = 100000};
static int key; /* any address is one */
static struct loop *loop;
static struct event_logs *logs;
static unsigned pressures, releases, alones;

static int set_up(void **state _unused_)
{
	loop = loop_create();
	logs = event_logs_create(&config, loop);
	pressures = releases = alones = 0;
	return 0;
}

static int tear_down(void **state _unused_)
{
	event_logs_destroy(logs);
	loop_destroy(loop);
	return 0;
}

static void on_pressure(void *ctx _unused_, bool pressure)
{
	*(pressure ? &pressures : &releases) += 1;
}

static void on_alone(void *ctx _unused_)
{
	alones++;
}

static struct event_log *open_log(const char *id, bool kept)
{
	const struct event_log_owner owner = {on_pressure, on_alone, NULL};

	return event_log_create(logs, id, (const struct key *)&key, kept, &owner);
}

static void add(struct event_log *log, enum event_kind kind, size_t bytes)
{
	static char text[300000];
	struct event_writer w;

	memset(text, 'x', sizeof(text));
	event_begin(&w, log, kind);
	json_put_bytes(&w.json, "data", (struct slice){text, bytes});
	event_end(&w);
}

static unsigned take_all(struct event_follower *follower)
{
	unsigned count = 0;

	for (; event_next(follower).data; count++)
		event_taken(follower);
	return count;
}

static void on_more(struct event_follower *follower _unused_)
{
}

static void drop(struct event_log *log, struct event_follower *follower)
{
	event_log_end(log);
	event_leave(follower);
}

/* --- */

static void text_is_a_server_sent_event(void **state _unused_)
{
	struct event_log *log = open_log("a", false);
	struct event_follower follower = {.on_more = on_more};
	struct event_writer w;

	event_follow(&follower, log, 0);
	event_begin(&w, log, EVENT_RESULT);
	json_put_json(&w.json, "body", SLICE_LITERAL("{\n\"a\":\r\n1}"));
	event_end(&w);
	struct slice text = event_next(&follower);
	static const char begin[] = "id: 1\nevent: result\ndata: {\"time_ms\":";
	static const char end[] = ",\"body\":{ \"a\":  1}}\n\n";
	assert_true(text.len > sizeof(begin) + sizeof(end));
	assert_memory_equal(text.data, begin, sizeof(begin) - 1);
	assert_memory_equal(text.data + text.len - sizeof(end) + 1, end, sizeof(end) - 1);
	assert_true(event_is_last(&follower));
	drop(log, &follower);
	assert_int_equal(event_counters(logs)->logs, 0);
	assert_int_equal(event_counters(logs)->bytes, 0);
}

static void what_is_not_kept_goes_when_it_was_taken(void **state _unused_)
{
	struct event_log *log = open_log("a", false);
	struct event_follower follower = {.on_more = on_more};

	event_follow(&follower, log, 0);
	add(log, EVENT_STDOUT, 500);
	add(log, EVENT_STDERR, 500);
	assert_int_equal(take_all(&follower), 2);
	assert_int_equal(event_counters(logs)->bytes, 0);
	assert_null(event_log_find(logs, (const struct key *)&key, SLICE_LITERAL("a")));
	event_leave(&follower);
	assert_int_equal(alones, 1);
	event_log_end(log);
	assert_int_equal(event_counters(logs)->logs, 0);
}

static void what_was_not_taken_stays_and_presses(void **state _unused_)
{
	struct event_log *log = open_log("a", false);
	struct event_follower follower = {.on_more = on_more};

	event_follow(&follower, log, 0);
	add(log, EVENT_STDOUT, 200000);
	assert_int_equal(pressures, 0);
	add(log, EVENT_STDOUT, 200000);
	add(log, EVENT_STDOUT, 1);
	assert_int_equal(pressures, 1);
	event_taken(&follower);
	assert_int_equal(releases, 0);
	event_taken(&follower);
	assert_int_equal(releases, 1);
	assert_int_equal(take_all(&follower), 1);
	assert_int_equal(pressures, 1);
	drop(log, &follower);
	assert_int_equal(alones, 0);
}

static void a_slow_one_who_goes_presses_no_more(void **state _unused_)
{
	struct event_log *log = open_log("a", true);
	struct event_follower follower = {.on_more = on_more};

	event_follow(&follower, log, 0);
	add(log, EVENT_STDOUT, 280000);
	assert_int_equal(pressures, 1);
	event_leave(&follower);
	assert_int_equal(releases, 1);
	assert_int_equal(alones, 1);
	event_log_end(log);
}

static void output_is_forgotten_and_nothing_else_is(void **state _unused_)
{
	struct event_log *log = open_log("a", true);
	struct event_follower follower = {.on_more = on_more};

	add(log, EVENT_STARTED, 5000);
	for (unsigned i = 0; i < 10; i++)
		add(log, EVENT_STDOUT, 300); /* more than 330 bytes each: two of them are kept */
	add(log, EVENT_RESULT, 5000);
	event_log_end(log);
	log = event_log_find(logs, (const struct key *)&key, SLICE_LITERAL("a"));
	assert_non_null(log);
	event_follow(&follower, log, 0);
	assert_int_equal(follower.missed, 8);
	assert_int_equal(take_all(&follower), 4);
	assert_true(event_is_over(&follower));
	event_leave(&follower);
	event_follow(&follower, log, 11);
	assert_int_equal(follower.missed, 0);
	assert_int_equal(take_all(&follower), 1);
	event_leave(&follower);
	event_follow(&follower, log, 4711);
	assert_int_equal(follower.missed, 0);
	assert_int_equal(take_all(&follower), 0);
	event_leave(&follower);
}

static void another_key_finds_nothing(void **state _unused_)
{
	struct event_log *log = open_log("a", true);
	int other;

	assert_null(event_log_find(logs, (const struct key *)&other, SLICE_LITERAL("a")));
	assert_ptr_equal(event_log_find(logs, (const struct key *)&key, SLICE_LITERAL("a")), log);
	event_log_end(log);
}

static void of_all_logs_the_oldest_that_has_ended_goes_first(void **state _unused_)
{
	struct event_log *running = open_log("running", true);

	add(running, EVENT_RESULT, 40000);
	struct event_log *old = open_log("old", true);
	add(old, EVENT_RESULT, 40000);
	event_log_end(old);
	struct event_log *fresh = open_log("new", true);
	add(fresh, EVENT_RESULT, 40000);
	event_log_end(fresh);
	assert_null(event_log_find(logs, (const struct key *)&key, SLICE_LITERAL("old")));
	assert_non_null(event_log_find(logs, (const struct key *)&key, SLICE_LITERAL("new")));
	assert_non_null(event_log_find(logs, (const struct key *)&key, SLICE_LITERAL("running")));
	event_log_end(running);
}

/* A follower that leaves as soon as it hears that all is over. */
static void on_over(struct event_follower *follower)
{
	take_all(follower);
	if (event_is_over(follower))
		event_leave(follower);
}

static void followers_may_leave_while_they_are_told_of_the_end(void **state _unused_)
{
	struct event_follower followers[3] = {
	    {.on_more = on_over}, {.on_more = on_over}, {.on_more = on_over}};
	struct event_log *log = open_log("a", false);

	for (unsigned i = 0; i < ARRAY_LEN(followers); i++)
		event_follow(&followers[i], log, 0);
	add(log, EVENT_RESULT, 10);
	event_log_end(log);
	assert_int_equal(event_counters(logs)->logs, 0);
	assert_int_equal(event_counters(logs)->bytes, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(text_is_a_server_sent_event),
	    TEST(what_is_not_kept_goes_when_it_was_taken),
	    TEST(what_was_not_taken_stays_and_presses),
	    TEST(a_slow_one_who_goes_presses_no_more),
	    TEST(output_is_forgotten_and_nothing_else_is),
	    TEST(another_key_finds_nothing),
	    TEST(of_all_logs_the_oldest_that_has_ended_goes_first),
	    TEST(followers_may_leave_while_they_are_told_of_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
