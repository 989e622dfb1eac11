/* SPDX-License-Identifier: Apache-2.0 */
/* The spawner and its jails, alone: the test is parent and front. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/sandbox/rig.h"

static const char *spawner_path;
static struct rig rig;
static struct rig_result result;

static void run_bash(const char *text, struct run_limits limits)
{
	const char *const argv[] = {"/bin/bash", "main.sh", NULL};
	const char *const files[] = {"main.sh", text, NULL};
	struct rig_program program = {.argv = argv, .files = files, .stage = STAGE_RUN, .artefact_fd = -1,
	                              .limits = limits};

	rig_run(&rig, &program, &result);
	if (result.failed)
		fprintf(stderr, "failed: code %u step %u errno %u %s\n", result.failure.code, result.failure.step,
		        result.failure.saved_errno, result.failure.text);
}

static const struct run_limits defaults;

static void test_hello(void **state _unused_)
{
	run_bash("echo hello; echo trouble >&2; exit 3", defaults);
	assert_false(result.failed);
	assert_string_equal(result.out, "hello\n");
	assert_string_equal(result.err, "trouble\n");
	assert_int_equal(result.done.end, RUN_EXITED);
	assert_int_equal(result.done.exit_code, 3);
	assert_int_equal(result.done.started, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hello),
	};
	struct msg_spawner_config config;

	if (argc != 2)
		return 2;
	if (geteuid() != 0) {
		fprintf(stderr, "needs root\n");
		return 77;
	}
	spawner_path = argv[1];
	rig_config_default(&config);
	rig_start(&rig, spawner_path, &config);
	for (unsigned i = 0; i < WALL_COUNT; i++)
		fprintf(stderr, "wall %u: %u %s\n", i, rig.walls.state[i], rig.walls.why[i]);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	rig_stop(&rig);
	return rc;
}
