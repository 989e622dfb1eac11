/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/cache.h"

static struct stage_result result_with(const char *text)
{
	struct stage_result result = {.present = true, .status = RUN_STATUS_OK, .wall_ns = 7};

	buf_init(&result.err, 1000);
	buf_init(&result.out, 1000);
	buf_append_text(&result.err, text);
	return result;
}

static void put(struct cache *cache, uint8_t number, size_t bytes)
{
	uint8_t key[CACHE_KEY_BYTES] = {number};
	char *data = calloc(1, bytes + 1);
	struct stage_result result = result_with("warning");

	memset(data, number, bytes);
	int fd = fd_sealed_copy("test", data, bytes);
	cache_put(cache, key, fd, &result);
	close(fd);
	buf_finish(&result.err);
	free(data);
}

static bool holds(struct cache *cache, uint8_t number)
{
	uint8_t key[CACHE_KEY_BYTES] = {number};
	struct stage_result result;
	int fd;
	char byte = 0;

	if (!cache_get(cache, key, &fd, &result))
		return false;
	assert_int_equal(pread(fd, &byte, 1, 0), 1);
	assert_int_equal((uint8_t)byte, number);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1); /* sealed */
	assert_int_equal(result.err.len, 7);
	assert_int_equal(result.wall_ns, 7);
	close(fd);
	buf_finish(&result.err);
	buf_finish(&result.out);
	return true;
}

static void the_least_recently_used_goes_first(void **state _unused_)
{
	struct cache *cache = cache_create(40000);

	assert_false(holds(cache, 1));
	for (uint8_t i = 1; i <= 3; i++)
		put(cache, i, 10000);
	assert_true(holds(cache, 1) && holds(cache, 2) && holds(cache, 3));
	assert_true(holds(cache, 1)); /* 2 is now the oldest */
	put(cache, 4, 10000);
	assert_false(holds(cache, 2));
	assert_true(holds(cache, 1) && holds(cache, 3) && holds(cache, 4));
	put(cache, 5, 39000); /* pushes all others out */
	assert_int_equal(cache_counters(cache)->entries, 1);
	put(cache, 6, 50000); /* larger than the cache: not kept, nobody goes */
	assert_true(holds(cache, 5));
	assert_int_equal(cache_counters(cache)->evicted, 4);
	assert_true(cache_counters(cache)->bytes <= 40000);
	cache_destroy(cache);
}

static void what_is_there_is_never_replaced(void **state _unused_)
{
	struct cache *cache = cache_create(100000);
	uint8_t key[CACHE_KEY_BYTES] = {1};
	struct stage_result other = result_with("forged!");

	put(cache, 1, 10);
	int fd = fd_sealed_copy("test", "\x09", 1);
	cache_put(cache, key, fd, &other);
	close(fd);
	buf_finish(&other.err);
	assert_true(holds(cache, 1));
	assert_int_equal(cache_counters(cache)->entries, 1);
	cache_destroy(cache);
}

static void images_and_keys_do_not_share(void **state _unused_)
{
	static const struct {
		uint32_t image;
		const char *key_id;
	} rows[] = {{0, "key_a"}, {1, "key_a"}, {0, "key_b"}, {0, ""}};
	uint8_t hash[32] = {5}, keys[4][CACHE_KEY_BYTES], again[CACHE_KEY_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(cache_key(keys[i], hash, rows[i].image, rows[i].key_id), 0);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(keys[i], keys[k], CACHE_KEY_BYTES);
	}
	assert_int_equal(cache_key(again, hash, 0, "key_a"), 0);
	assert_memory_equal(again, keys[0], CACHE_KEY_BYTES);
}

static void descriptors_are_bounded(void **state _unused_)
{
	struct cache *cache = cache_create(UINT64_MAX / 2);

	for (unsigned i = 0; i < CACHE_ENTRIES_MAX + 10; i++) {
		uint8_t key[CACHE_KEY_BYTES] = {(uint8_t)i, (uint8_t)(i >> 8), 1};
		struct stage_result result = result_with("");
		int fd = fd_sealed_copy("test", "x", 1);
		cache_put(cache, key, fd, &result);
		close(fd);
		buf_finish(&result.err);
	}
	assert_int_equal(cache_counters(cache)->entries, CACHE_ENTRIES_MAX);
	assert_int_equal(cache_counters(cache)->evicted, 10);
	cache_destroy(cache);
}

static void a_cache_of_nothing_is_harmless(void **state _unused_)
{
	struct cache *cache = cache_create(0);

	put(cache, 1, 1);
	assert_false(holds(cache, 1));
	cache_destroy(cache);
	cache_destroy(NULL);
}

/* Each entry is an open file; so many may be more than this process has. */
static int allow_many_files(void **state _unused_)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_least_recently_used_goes_first),
	    cmocka_unit_test(what_is_there_is_never_replaced),
	    cmocka_unit_test(images_and_keys_do_not_share),
	    cmocka_unit_test(descriptors_are_bounded),
	    cmocka_unit_test(a_cache_of_nothing_is_harmless),
	};
	return cmocka_run_group_tests(tests, allow_many_files, NULL);
}
