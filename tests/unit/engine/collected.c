/* SPDX-License-Identifier: Apache-2.0 */
/* What a run has left: asked for, collected from a real directory, and read back as hostile bytes. */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "engine/collected.h"
#include "unpack/collect.h"

static const struct collected_limits limits = {.files = 4, .bytes = 100};

/* --- reading --- */


static struct {
	_Alignas(8) char bytes[65536];
	size_t len;
} image;

static void put(const void *data, size_t len)
{
	memcpy(image.bytes + image.len, data, len);
	image.len += len;
}

/* What the collector would have written. */
static void begin(void)
{
	memset(&image, 0, sizeof(image));
	image.len = sizeof(struct collect_found);
}

static void add(uint32_t skip, const char *name, const char *data)
{
	struct collect_file head = {skip, (uint32_t)strlen(name), strlen(data)};

	image.len = (image.len + 7) & ~7ul;
	put(&head, sizeof(head));
	put(name, strlen(name) + 1);
	put(data, strlen(data));
}

static void end(uint32_t count, uint64_t skipped)
{
	struct collect_found found = {.magic = COLLECT_MAGIC, .count = count, .skipped = skipped, .total_bytes = image.len};

	memcpy(image.bytes, &found, sizeof(found));
}

static int parse(struct collected *ret_collected)
{
	/* of exactly this size, so that a sanitizer sees a look beyond it */
	_free_ char *copy = malloc(image.len);
	int rc;

	memcpy(copy, image.bytes, image.len);
	rc = collected_parse(ret_collected, copy, image.len, &limits);
	if (rc == 0) /* leads into copy */
		for (size_t i = 0; i < ret_collected->count; i++)
			ret_collected->files[i].name.data = ret_collected->files[i].data.data = NULL;
	return rc;
}

static void what_was_written_is_read(void **state _unused_)
{
	struct collected collected;

	begin();
	add(COLLECT_TAKEN, "artifacts/a", "one");
	add(COLLECT_LINK, "\xff\n", "");
	add(COLLECT_TAKEN, "b", "");
	end(3, 7);
	assert_int_equal(collected_parse(&collected, image.bytes, image.len, &limits), 0);
	assert_int_equal(collected.count, 3);
	assert_int_equal(collected.skipped, 7);
	assert_true(slice_equal(collected.files[0].name, slice_from("artifacts/a")));
	assert_true(slice_equal(collected.files[0].data, slice_from("one")));
	assert_int_equal(collected.files[1].skip, COLLECT_LINK);
	assert_true(slice_equal(collected.files[1].name, slice_from("\xff\n")));
	assert_int_equal(collected.files[2].data.len, 0);
	collected_finish(&collected);
}

static void every_shorter_one_is_refused(void **state _unused_)
{
	struct collected collected = {.count = 42};

	begin();
	add(COLLECT_TAKEN, "artifacts/a", "one");
	add(COLLECT_MISSING, "x", "");
	end(2, 1);
	for (size_t len = image.len; len-- > 0;) {
		size_t whole = image.len;
		image.len = len;
		if (len >= sizeof(struct collect_found))
			end(2, 1);
		assert_int_equal(parse(&collected), -ERR_PROTOCOL);
		image.len = whole;
	}
	assert_int_equal(collected.count, 42);
}

static void bad_names_are_refused(void **state _unused_)
{
	static const char *const names[] = {"/etc/passwd", "..", ".", "../x", "a/../b", "a//b", "a/", "a/.", "./a"};
	struct collected collected;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		begin();
		add(COLLECT_TAKEN, names[i], "x");
		end(1, 0);
		assert_int_equal(parse(&collected), -ERR_PROTOCOL);
	}
}

/* Each breaks one thing of a good one: a 32-bit word at an offset. */
static void each_number_is_checked(void **state _unused_)
{
	static const struct {
		size_t offset;
		uint32_t value;
	} rows[] = {
	    {offsetof(struct collect_found, magic), 1},
	    {offsetof(struct collect_found, count), 0},
	    {offsetof(struct collect_found, count), 2},
	    {offsetof(struct collect_found, count), UINT32_MAX},
	    {offsetof(struct collect_found, changes), 1},
	    {offsetof(struct collect_found, change_count), 1},
	    {offsetof(struct collect_found, verdict), COLLECT_SKIPS},
	    {offsetof(struct collect_found, total_bytes), 8},
	    {offsetof(struct collect_found, total_bytes) + 4, 1},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, skip), COLLECT_LINK}, /* with data */
	    {sizeof(struct collect_found) + offsetof(struct collect_file, skip), COLLECT_SKIPS},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, name_bytes), 0},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, name_bytes), 1},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, name_bytes), PAYLOAD_NAME_BYTES + 1},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, name_bytes), UINT32_MAX},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, data_bytes), 2},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, data_bytes), 4},
	    {sizeof(struct collect_found) + offsetof(struct collect_file, data_bytes) + 4, UINT32_MAX},
	};
	struct collected collected;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		begin();
		add(COLLECT_TAKEN, "name", "one");
		end(1, 0);
		assert_int_equal(parse(&collected), 0);
		collected_finish(&collected);
		memcpy(image.bytes + rows[i].offset, &rows[i].value, sizeof(rows[i].value));
		if (parse(&collected) != -ERR_PROTOCOL)
			fail_msg("row %zu", i);
	}
}

static void more_than_was_asked_for_is_refused(void **state _unused_)
{
	struct collected collected;

	begin();
	for (int i = 0; i < 5; i++)
		add(COLLECT_TAKEN, "a", "");
	end(5, 0);
	assert_int_equal(parse(&collected), -ERR_PROTOCOL);
	begin();
	for (int i = 0; i <= COLLECT_SKIPPED_MAX; i++)
		add(COLLECT_LINK, "a", "");
	end(COLLECT_SKIPPED_MAX + 1, COLLECT_SKIPPED_MAX + 1);
	assert_int_equal(parse(&collected), -ERR_PROTOCOL);
	begin();
	add(COLLECT_TAKEN, "a", "0123456789012345678901234567890123456789012345678901234567890123456789");
	add(COLLECT_TAKEN, "b", "0123456789012345678901234567890");
	end(2, 0);
	assert_int_equal(parse(&collected), -ERR_PROTOCOL);
	begin();
	add(COLLECT_LINK, "a", "");
	end(1, 0); /* fewer than have a record */
	assert_int_equal(parse(&collected), -ERR_PROTOCOL);
}

static void a_file_larger_than_allowed_is_not_mapped(void **state _unused_)
{
	struct collected collected;
	_close_ int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, 1l << 40), 0);
	assert_int_equal(collected_read(&collected, fd, &limits), -ERR_PROTOCOL);
}

static void one_that_can_still_be_written_is_not_read(void **state _unused_)
{
	struct collected collected;
	_close_ int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, 4096), 0);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_int_equal(collected_read(&collected, fd, &limits), -ERR_IO);
	munmap(map, 4096);
}

/* --- collecting --- */

static void run_in(const char *dir, const char *command)
{
	char line[4096];

	snprintf(line, sizeof(line), "rm -rf %s && mkdir -p %s/work %s/home && cd %s/work && %s", dir, dir, dir, dir, command);
	assert_int_equal(system(line), 0);
}

static void remove_dir(const char *dir)
{
	char line[4096];

	snprintf(line, sizeof(line), "rm -rf %s", dir);
	assert_int_equal(system(line), 0);
}

/* In a child, as collect_run is for one call in a process. */
static int collect(const char *dir, int fd)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		_exit(collect_run(dir_fd, fd, -1, false) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const struct collected_file *find(const struct collected *collected, const char *name)
{
	for (size_t i = 0; i < collected->count; i++)
		if (slice_equal(collected->files[i].name, slice_from(name)))
			return &collected->files[i];
	fail_msg("no %s", name);
	return NULL;
}

static void a_directory_is_collected(void **state _unused_)
{
	static const struct slice names[] = {SLICE_LITERAL("x/y"), SLICE_LITERAL("none"), SLICE_LITERAL("artifacts/1")};
	static const struct {
		const char *name;
		enum collect_skip skip;
	} rows[] = {
	    {"x/y", COLLECT_TAKEN},           {"none", COLLECT_MISSING},
	    {"artifacts/1", COLLECT_TAKEN},   {"artifacts/d/2", COLLECT_TAKEN},
	    {"artifacts/l", COLLECT_LINK},    {"artifacts/f", COLLECT_NOT_A_FILE},
	    {"artifacts/h1", COLLECT_LINK},   {"artifacts/h2", COLLECT_LINK},
	    {"artifacts/big", COLLECT_TOO_LARGE},
	};
	struct collected collected;
	char dir[] = "/tmp/collected-XXXXXX";
	_close_ int fd = collected_ask(names, ARRAY_LEN(names), true, &limits, NULL);

	assert_non_null(mkdtemp(dir));
	run_in(dir, "mkdir -p artifacts/d x && echo y > x/y && echo 1 > artifacts/1 && echo 2 > artifacts/d/2 && "
		    "ln -s 1 artifacts/l && mkfifo artifacts/f && echo > artifacts/h1 && ln artifacts/h1 artifacts/h2 && "
		    "truncate -s 1T artifacts/big");
	assert_int_equal(collect(dir, fd), 0);
	assert_int_equal(collected_read(&collected, fd, &limits), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(find(&collected, rows[i].name)->skip, rows[i].skip);
	assert_int_equal(collected.count, ARRAY_LEN(rows));
	assert_true(slice_equal(find(&collected, "artifacts/d/2")->data, slice_from("2\n")));
	collected_finish(&collected);
	remove_dir(dir);
}

static void a_list_that_is_none_is_refused(void **state _unused_)
{
	static const struct {
		struct collect_wanted wanted;
		const char *names;
		size_t names_len;
	} rows[] = {
	    {{.magic = 1, .total_bytes = sizeof(struct collect_wanted)}, "", 0},
	    {{.magic = COLLECT_MAGIC, .total_bytes = 1}, "", 0},
	    {{.magic = COLLECT_MAGIC, .name_count = 1, .total_bytes = sizeof(struct collect_wanted)}, "", 0},
	    {{.magic = COLLECT_MAGIC, .name_count = 1, .total_bytes = sizeof(struct collect_wanted) + 3}, "abc", 3},
	    {{.magic = COLLECT_MAGIC, .name_count = COLLECT_NAMES_MAX + 1,
	      .total_bytes = sizeof(struct collect_wanted)}, "", 0},
	    {{.magic = COLLECT_MAGIC, .bytes_most = COLLECT_BYTES_MAX + 1,
	      .total_bytes = sizeof(struct collect_wanted)}, "", 0},
	};

	char dir[] = "/tmp/sg-collect-XXXXXX";

	assert_non_null(mkdtemp(dir));
	run_in(dir, "true");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_close_ int fd = memfd_create("test", MFD_CLOEXEC);
		assert_int_equal(fd_write_all(fd, &rows[i].wanted, sizeof(rows[i].wanted)), 0);
		assert_int_equal(fd_write_all(fd, rows[i].names, rows[i].names_len), 0);
		assert_int_equal(collect(dir, fd), EBADMSG);
	}
	remove_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_read),
	    cmocka_unit_test(every_shorter_one_is_refused),
	    cmocka_unit_test(bad_names_are_refused),
	    cmocka_unit_test(each_number_is_checked),
	    cmocka_unit_test(more_than_was_asked_for_is_refused),
	    cmocka_unit_test(a_file_larger_than_allowed_is_not_mapped),
	    cmocka_unit_test(one_that_can_still_be_written_is_not_read),
	    cmocka_unit_test(a_directory_is_collected),
	    cmocka_unit_test(a_list_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
