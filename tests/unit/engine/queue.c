/* SPDX-License-Identifier: Apache-2.0 */
/* Fair queue, rate window, keyring: who may run, and when. */
#include "tests/unit/unit.h"

#include "base/err.h"
#include "engine/queue.h"
#include "engine/quota.h"

#define MINUTE (60 * NS_PER_SEC)

static struct key keys[3];

static int reset_keys(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		key_init(&keys[i]);
	return 0;
}

static void keys_take_turns_and_keep_their_own_order(void **state _unused_)
{
	struct fair_queue queue;
	struct queue_entry entries[9] = {0};
	/* key 0 has seven waiting, then key 1 and key 2 come with one each */
	static const int owner[9] = {0, 0, 0, 0, 0, 0, 0, 1, 2};
	static const int expected[9] = {0, 7, 8, 1, 2, 3, 4, 5, 6};

	queue_init(&queue, KEY_LINE_RUNS, 100, 100);
	for (int i = 0; i < 9; i++)
		assert_int_equal(queue_push(&queue, &entries[i], &keys[owner[i]], 0), 0);
	for (int i = 0; i < 9; i++)
		assert_ptr_equal(queue_pop(&queue, 2), &entries[expected[i]]);
	assert_null(queue_pop(&queue, 2));
	assert_int_equal(queue.len, 0);
}

static void caps_hold_at_n_and_n_plus_1(void **state _unused_)
{
	struct fair_queue queue;
	struct queue_entry entries[6] = {0};

	queue_init(&queue, KEY_LINE_RUNS, 5, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(queue_push(&queue, &entries[i], &keys[0], 0), 0);
	assert_int_equal(queue_push(&queue, &entries[3], &keys[0], 0), -ERR_QUEUE_FULL);
	assert_int_equal(queue_push(&queue, &entries[3], &keys[1], 0), 0);
	assert_int_equal(queue_push(&queue, &entries[4], &keys[1], 0), 0);
	assert_int_equal(queue_push(&queue, &entries[5], &keys[2], 0), -ERR_QUEUE_FULL);
	queue_remove(&queue, &entries[1]);
	queue_remove(&queue, &entries[1]);
	assert_int_equal(queue_push(&queue, &entries[5], &keys[2], 0), 0);
}

static void free_places_do_not_count_as_waiting(void **state _unused_)
{
	struct fair_queue queue;
	struct queue_entry entries[4] = {0};

	queue_init(&queue, KEY_LINE_RUNS, 1, 1);
	keys[0].facts.limits.concurrent_runs = 2;
	keys[0].lines[KEY_LINE_RUNS].running = 1;
	assert_int_equal(queue_push(&queue, &entries[0], &keys[0], 2), 0);
	assert_int_equal(queue_push(&queue, &entries[1], &keys[0], 2), 0);
	assert_int_equal(queue_push(&queue, &entries[2], &keys[0], 2), -ERR_QUEUE_FULL);
	assert_int_equal(queue_push(&queue, &entries[2], &keys[1], 2), 0);
	assert_int_equal(queue_push(&queue, &entries[3], &keys[2], 2), -ERR_QUEUE_FULL);
}

static void a_key_at_its_own_limit_is_passed_over(void **state _unused_)
{
	struct fair_queue queue;
	struct queue_entry entries[2] = {0};

	queue_init(&queue, KEY_LINE_RUNS, 5, 5);
	keys[0].facts.limits.concurrent_runs = 2;
	keys[0].lines[KEY_LINE_RUNS].running = 2;
	queue_push(&queue, &entries[0], &keys[0], 0);
	queue_push(&queue, &entries[1], &keys[1], 0);
	assert_ptr_equal(queue_pop(&queue, 2), &entries[1]);
	assert_null(queue_pop(&queue, 2));
	keys[0].lines[KEY_LINE_RUNS].running = 1;
	assert_ptr_equal(queue_pop(&queue, 2), &entries[0]);
}

static void exactly_the_limit_passes_in_a_window(void **state _unused_)
{
	unsigned passed = 0;

	for (int i = 0; i < 1000; i++)
		passed += quota_take(&keys[0], 100, MINUTE + (uint64_t)i).allowed;
	assert_int_equal(passed, 100);
	struct quota_answer answer = quota_take(&keys[0], 100, 2 * MINUTE - 1);
	assert_false(answer.allowed);
	assert_int_equal(answer.remaining, 0);
	assert_int_equal(answer.reset_s, 1);
	answer = quota_take(&keys[0], 100, 2 * MINUTE);
	assert_true(answer.allowed);
	assert_int_equal(answer.remaining, 99);
	assert_int_equal(answer.reset_s, 60);
}

static void a_key_may_have_a_rate_of_its_own(void **state _unused_)
{
	keys[0].facts.limits.rate_per_minute = 1;
	keys[1].facts.limits.rate_per_minute = QUOTA_UNLIMITED;
	assert_true(quota_take(&keys[0], 100, 1).allowed);
	assert_false(quota_take(&keys[0], 100, 2).allowed);
	for (int i = 0; i < 1000; i++)
		assert_true(quota_take(&keys[1], 100, 3).allowed);
	assert_int_equal(quota_take(&keys[2], 0, 4).limit, QUOTA_UNLIMITED);
}

static void keys_not_sent_again_are_revoked(void **state _unused_)
{
	struct keyring *ring = keyring_create();
	struct msg_key a = {.hash = {1, 2, 3}, .id = "key_a"}, b = {.hash = {1, 2, 4}, .id = "key_b"};

	assert_false(keyring_loaded(ring));
	keyring_begin(ring);
	keyring_put(ring, &a);
	keyring_put(ring, &b);
	keyring_end(ring);
	assert_true(keyring_loaded(ring));
	struct key *known = keyring_find(ring, a.hash);
	assert_string_equal(known->facts.id, "key_a");
	keyring_begin(ring);
	keyring_put(ring, &b);
	keyring_end(ring);
	assert_int_equal(known->facts.revoked, 1);
	assert_int_equal(keyring_find(ring, b.hash)->facts.revoked, 0);
	a.hash[31] = 9;
	assert_null(keyring_find(ring, a.hash));
	keyring_destroy(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(keys_take_turns_and_keep_their_own_order, reset_keys),
	    cmocka_unit_test_setup(caps_hold_at_n_and_n_plus_1, reset_keys),
	    cmocka_unit_test_setup(free_places_do_not_count_as_waiting, reset_keys),
	    cmocka_unit_test_setup(a_key_at_its_own_limit_is_passed_over, reset_keys),
	    cmocka_unit_test_setup(exactly_the_limit_passes_in_a_window, reset_keys),
	    cmocka_unit_test_setup(a_key_may_have_a_rate_of_its_own, reset_keys),
	    cmocka_unit_test(keys_not_sent_again_are_revoked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
