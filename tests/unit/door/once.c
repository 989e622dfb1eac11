/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "door/once.h"

static struct config config = {
    .idempotency_time_ms = 1000, .idempotency_entries_max = 3, .idempotency_bytes_max = 64 * KIB};

static struct once_question question(uint8_t name, uint8_t request)
{
	struct once_question q = {0};

	q.name[0] = name;
	q.request[0] = request;
	return q;
}

static enum once_found ask(struct once *once, uint8_t name, uint8_t request, uint64_t now_ms,
			   struct once_entry **ret_entry)
{
	struct once_question q = question(name, request);

	return once_begin(once, &q, now_ms * NS_PER_MS, ret_entry);
}

static void answer(struct once *once, uint8_t name, int status, const char *text, uint64_t now_ms)
{
	struct once_entry *entry;

	assert_int_equal(ask(once, name, 1, now_ms, &entry), ONCE_NEW);
	once_keep(once, entry, status, "text/plain", slice_from(text), now_ms * NS_PER_MS);
}

static void test_life(void **state _unused_)
{
	struct once *once = once_create(&config);
	struct once_entry *entry, *again;

	assert_int_equal(ask(once, 1, 1, 1, &entry), ONCE_NEW);
	assert_int_equal(ask(once, 1, 1, 2, &again), ONCE_RUNNING);
	assert_int_equal(ask(once, 1, 2, 2, &again), ONCE_OTHER);
	once_keep(once, entry, 200, "text/plain", SLICE_LITERAL("hello"), 3 * NS_PER_MS);
	assert_int_equal(ask(once, 1, 1, 1002, &again), ONCE_KEPT);
	assert_int_equal(once_answer(again)->status, 200);
	assert_true(slice_equal(buf_slice(&once_answer(again)->body), SLICE_LITERAL("hello")));
	assert_int_equal(ask(once, 1, 2, 1002, &again), ONCE_OTHER);
	assert_int_equal(ask(once, 1, 1, 1003, &again), ONCE_NEW); /* its time is over */
	once_drop(once, again);
	assert_int_equal(ask(once, 1, 2, 1003, &again), ONCE_NEW);
	once_destroy(once);
}

static void test_not_kept(void **state _unused_)
{
	static const int statuses[] = {500, 503, 429, 409, 408};
	struct once *once = once_create(&config);
	struct once_entry *entry;

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		answer(once, 1, statuses[i], "", 1);
		assert_int_equal(ask(once, 1, 1, 1, &entry), ONCE_NEW);
		once_drop(once, entry);
	}
	assert_int_equal(once_counters(once)->kept, 0);
	once_destroy(once);
}

static void test_bounds(void **state _unused_)
{
	static char large[4 * KIB];
	struct once *once = once_create(&config);
	struct once_entry *entries[3], *entry;

	for (uint8_t name = 1; name <= 4; name++)
		answer(once, name, 200, "", name);
	assert_int_equal(once_counters(once)->kept, 3);
	assert_int_equal(ask(once, 2, 1, 5, &entry), ONCE_KEPT);
	for (uint8_t i = 0; i < 3;
	     i++) /* those under way push out the kept, and each other never */
		assert_int_equal(ask(once, 10 + i, 1, 5, &entries[i]), ONCE_NEW);
	assert_int_equal(once_counters(once)->kept, 0);
	assert_int_equal(once_counters(once)->bytes, 0);
	assert_int_equal(ask(once, 20, 1, 5, &entry), ONCE_FULL);
	memset(large, 'x', sizeof(large));
	once_keep(once, entries[0], 200, "", (struct slice){large, sizeof(large)}, 1);
	assert_int_equal(once_counters(once)->kept, 0);
	once_keep(once, entries[1], 200, "", (struct slice){large, sizeof(large) / 2}, 1);
	assert_int_equal(once_counters(once)->kept, 1);
	once_destroy(once);
}

static void test_bytes(void **state _unused_)
{
	struct config many = config;
	static char half[4 * KIB - 512];

	many.idempotency_entries_max = 1000;
	struct once *once = once_create(&many);
	memset(half, 'x', sizeof(half) - 1);
	for (uint8_t name = 1; name <= 100; name++) {
		answer(once, name, 200, half, name);
		assert_true(once_counters(once)->bytes <= many.idempotency_bytes_max);
	}
	assert_in_range(once_counters(once)->kept, 15, 17);
	once_destroy(once);
}

/* Whoever keeps more than the others makes room for them, and for himself. */
static void test_owners(void **state _unused_)
{
	struct once *once = once_create(&config);
	struct once_question q;
	struct once_entry *entry;
	static const char loud, quiet;
	static const uint8_t left[] = {0, 18, 19};

	for (uint8_t i = 0; i < 20; i++) {
		q = question(i, 1);
		q.owner = i == 0 ? &quiet : &loud;
		assert_int_equal(once_begin(once, &q, (uint64_t)i * NS_PER_MS, &entry), ONCE_NEW);
		once_keep(once, entry, 200, "text/plain", SLICE_LITERAL("x"), i * NS_PER_MS + 1);
	}
	assert_int_equal(once_counters(once)->kept, 3);
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		q = question(left[i], 1);
		assert_int_equal(once_begin(once, &q, 30 * NS_PER_MS, &entry), ONCE_KEPT);
	}
	once_destroy(once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_not_kept),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
