/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault-injection build of the spawner: no run starts when a step of the recipe fails, and the
 * step is named; with a wall left out jails still work. Arguments: that spawner.
 */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "engine/collected.h"
#include "session/found.h"
#include "sandbox/jail.h"
#include "tests/unit/sandbox/rig.h"

static const struct {
	const char *name;
	unsigned phases;
} steps[] = {
#define X(name, wall, phase, fn, why) {#name, phase},
#define LATE(name, why)
#include "sandbox/steps.def"
};

static const char *const walls[] = {
#define X(name, lower, text) lower,
#include "ipc/walls.def"
#undef X
};

static const char *spawner_path;
static struct rig rig;
static struct rig_result result;

static int clear_environment(void **state _unused_)
{
	unsetenv("SANDGLASS_STEP_FAIL");
	unsetenv("SANDGLASS_WALLS_OFF");
	return 0;
}

static void run_hello(void)
{
	static const char *const argv[] = {"/bin/echo", "hello", NULL};
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1};

	rig_run(&rig, &program, &result);
}

static void test_each_step(void **state _unused_)
{
	struct msg_spawner_config config;

	rig_config_default(&config);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (steps[i].phases == COLLECTOR || steps[i].phases == FORKED)
			continue; /* the run is over by then; tests/scenario/test_warm_zygote.py */
		setenv("SANDGLASS_STEP_FAIL", steps[i].name, 1);
		rig_start(&rig, spawner_path, &config);
		run_hello();
		if (!result.failed || !strstr(result.failure.text, steps[i].name))
			fail_msg("%s: failed %d: %s", steps[i].name, result.failed, result.failure.text);
		assert_true(result.failure.code == ERR_WALL_MISSING ||
			    result.failure.code == ERR_JAIL_FAILED);
		assert_string_equal(result.out, "");
		rig_stop(&rig);
	}
}

/* Runs a program that leaves artifacts/link, a link to ../secret; the reason why that is not taken. */
static enum collect_skip collect_link(struct collected *ret_collected)
{
	static const char *const argv[] = {"/bin/sh", "-c",
	                                   "mkdir artifacts; echo secret > secret; ln -s ../secret artifacts/link", NULL};
	const struct collected_limits limits = {4, MIB};
	_close_ int fd = collected_ask(NULL, 0, true, &limits, NULL);
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1, .collect_fd = fd};

	rig_run(&rig, &program, &result);
	assert_false(result.failed);
	assert_int_equal(result.done.exit_code, 0);
	*ret_collected = (struct collected){0};
	if (!result.done.collected)
		return COLLECT_SKIPS;
	assert_int_equal(collected_read(ret_collected, fd, &limits), 0);
	assert_int_equal(ret_collected->count, 1);
	return ret_collected->files[0].skip;
}

/* Without its own root the collector does nothing; the run itself is none the worse. */
static void test_collector_step(void **state _unused_)
{
	struct msg_spawner_config config;
	struct collected collected;

	rig_config_default(&config);
	setenv("SANDGLASS_STEP_FAIL", "WORK_ROOT", 1);
	rig_start(&rig, spawner_path, &config);
	assert_int_equal(collect_link(&collected), COLLECT_SKIPS);
	rig_stop(&rig);
}

/* The same program with the wall, and without it. */
static void test_collector_wall(void **state _unused_)
{
	static const struct {
		const char *off;
		enum collect_skip skip;
	} rows[] = {{"uid", COLLECT_LINK}, {"collect", COLLECT_TAKEN}};
	struct msg_spawner_config config;
	struct collected collected;

	rig_config_default(&config);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setenv("SANDGLASS_WALLS_OFF", rows[i].off, 1);
		rig_start(&rig, spawner_path, &config);
		assert_int_equal(collect_link(&collected), rows[i].skip);
		if (rows[i].skip == COLLECT_TAKEN)
			assert_memory_equal(collected.files[0].data.data, "secret\n", 7);
		collected_finish(&collected);
		rig_stop(&rig);
	}
}

/* Runs a program of a session that leaves a link to a device, and one to what is outside of the session's directories. */
static void collect_changes(struct collected *ret_collected, struct session_found *ret_found)
{
	static const char *const argv[] = {"/bin/sh", "-c",
	                                   "echo secret > /tmp/secret; ln -s ../tmp/secret link; ln -s /dev/zero zero; mkfifo fifo; echo 1 > file", NULL};
	const struct collected_limits limits = {.files = 4, .bytes = MIB, .session_bytes = MIB};
	const struct collected_known known = {.entries_most = 100, .session_bytes = MIB};
	_close_ int fd = collected_ask(NULL, 0, false, &limits, &known);
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1, .collect_fd = fd};

	rig_run(&rig, &program, &result);
	assert_false(result.failed);
	assert_int_equal(result.done.collected, 1);
	assert_int_equal(collected_read(ret_collected, fd, &limits), 0);
	assert_int_equal(found_parse(ret_found, ret_collected->changes, ret_collected->found.change_count), 0);
}

static const struct session_change *change_of(const struct session_found *found, const char *path)
{
	for (size_t i = 0; i < found->count; i++)
		if (slice_equal(found->changes[i].item.path, slice_from(path)))
			return &found->changes[i];
	return NULL;
}

/* In a session links come back as links; without the wall as what they lead to. */
static void test_session_wall(void **state _unused_)
{
	static const struct {
		const char *off;
		enum pack_type type;
	} rows[] = {{"uid", PACK_LINK}, {"collect", PACK_FILE}};
	struct msg_spawner_config config;
	struct session_found found;
	struct collected collected;

	rig_config_default(&config);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setenv("SANDGLASS_WALLS_OFF", rows[i].off, 1);
		rig_start(&rig, spawner_path, &config);
		collect_changes(&collected, &found);
		assert_non_null(change_of(&found, "file"));
		assert_null(change_of(&found, "fifo"));
		const struct session_change *link = change_of(&found, "link"), *zero = change_of(&found, "zero");
		assert_non_null(link);
		assert_int_equal(link->item.type, rows[i].type);
		if (rows[i].type == PACK_FILE)
			assert_memory_equal(link->data, "secret\n", 7);
		else
			assert_true(zero && slice_equal(zero->item.target, SLICE_LITERAL("/dev/zero")));
		found_finish(&found);
		collected_finish(&collected);
		rig_stop(&rig);
	}
}

static void test_each_wall(void **state _unused_)
{
	struct msg_spawner_config config;

	rig_config_default(&config);
	for (unsigned i = 0; i < ARRAY_LEN(walls); i++) {
		setenv("SANDGLASS_WALLS_OFF", walls[i], 1);
		rig_start(&rig, spawner_path, &config);
		run_hello();
		if (result.failed || strcmp(result.out, "hello\n") != 0)
			fail_msg("%s: %s", walls[i], result.failure.text);
		assert_int_equal(rig.walls.state[i], WALL_PARTIAL);
		rig_stop(&rig);
	}
}

static void test_waived(void **state _unused_)
{
	struct msg_spawner_config config;

	rig_config_default(&config);
	config.walls_waived = 1u << WALL_LANDLOCK;
	setenv("SANDGLASS_STEP_FAIL", "LANDLOCK", 1);
	rig_start(&rig, spawner_path, &config);
	run_hello();
	assert_false(result.failed);
	assert_string_equal(result.out, "hello\n");
	assert_int_equal(rig.walls.state[WALL_LANDLOCK], WALL_OFF);
	rig_stop(&rig);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_each_step, clear_environment),
	    cmocka_unit_test_setup(test_collector_step, clear_environment),
	    cmocka_unit_test_setup(test_collector_wall, clear_environment),
	    cmocka_unit_test_setup(test_session_wall, clear_environment),
	    cmocka_unit_test_setup(test_each_wall, clear_environment),
	    cmocka_unit_test_setup(test_waived, clear_environment),
	};

	if (argc != 2)
		return 2;
	if (geteuid() != 0) {
		fprintf(stderr, "skipped: jails with user ids of their own need root\n");
		return 77;
	}
	spawner_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
