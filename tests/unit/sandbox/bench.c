/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a jail costs: the same program by posix_spawn and by a run, in turn, from the first byte to
 * the end of all its output. bench SPAWNER ROUNDS PROGRAM [ARG...]; the program must be in the
 * image under the same path.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/sandbox/rig.h"

static char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home",
				    "LANG=C.UTF-8", NULL};

static uint64_t run_bare(char **argv)
{
	posix_spawn_file_actions_t actions;
	int out[2], status;
	char text[4096];
	pid_t pid;
	uint64_t start_ns = clock_now_ns();

	if (pipe2(out, O_CLOEXEC) < 0)
		abort();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environment) != 0)
		abort();
	close(out[1]);
	while (read(out[0], text, sizeof(text)) > 0)
		;
	waitpid(pid, &status, 0);
	close(out[0]);
	posix_spawn_file_actions_destroy(&actions);
	return clock_now_ns() - start_ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *name, uint64_t *times, int count)
{
	qsort(times, (size_t)count, sizeof(*times), compare);
	printf("%-6s p50 %7.3f  p90 %7.3f  p99 %7.3f ms\n", name, (double)times[count / 2] / 1e6,
	       (double)times[count * 9 / 10] / 1e6, (double)times[count * 99 / 100] / 1e6);
}

int main(int argc, char **argv)
{
	static struct rig rig;
	static struct rig_result result;
	struct msg_spawner_config config;

	if (argc < 4)
		return 2;
	int rounds = atoi(argv[2]);
	uint64_t *bare = calloc((size_t)rounds, sizeof(*bare)),
		 *jailed = calloc((size_t)rounds, sizeof(*jailed));
	struct rig_program program = {
	    .argv = (const char *const *)argv + 3, .stage = STAGE_RUN, .artefact_fd = -1};
	const char *pause_us = getenv("BENCH_PAUSE_US");
	rig_config_default(&config);
	config.slots_ready = 8;
	config.slots_max = 32;
	rig_start(&rig, argv[1], &config);
	for (int i = 0; i < rounds; i++) {
		bare[i] = run_bare(argv + 3);
		uint64_t start_ns = clock_now_ns();
		rig_run(&rig, &program, &result);
		jailed[i] = clock_now_ns() - start_ns;
		if (result.failed || result.done.end != RUN_EXITED)
			fprintf(stderr, "round %d: %s end %u code %u step %u errno %u %s\n", i,
				result.failure.text, result.done.end, result.done.exit_code,
				result.done.failed_step, result.done.failed_errno, result.err);
		if (pause_us)
			usleep((useconds_t)atoi(pause_us));
	}
	print("bare", bare, rounds);
	print("jailed", jailed, rounds);
	printf("ratio at p50: %.2f\n", (double)jailed[rounds / 2] / (double)bare[rounds / 2]);
	rig_stop(&rig);
	return 0;
}
