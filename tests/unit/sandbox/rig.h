/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays parent and front to a real spawner. The image is the tree of SANDGLASS_TEST_ROOT, or else
 * the host's own programs. Needs root, or user namespaces.
 */
#ifndef SG_TESTS_SANDBOX_RIG_H
#define SG_TESTS_SANDBOX_RIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/util.h"
#include "ipc/channel.h"

#define RIG_OUTPUT_BYTES 65536

struct rig {
	pid_t spawner;
	int parent_fd, front_fd;
	struct msg_spawner_config config;
	struct msg_walls walls;
	uint64_t next_job;
};

struct rig_program {
	const char *const *argv;  /* NULL-terminated */
	const char *const *files; /* name, text, name, text, ..., NULL; or NULL */
	const char *artefact;
	const char *input;        /* or NULL */
	enum stage stage;
	int artefact_fd;          /* -1 none */
	int collect_fd;           /* 0 none */
	struct run_limits limits; /* members of 0 are the defaults */
	unsigned kill_after_ms;   /* 0 never */
};

struct rig_result {
	bool failed;               /* RUN_FAILED came */
	struct msg_run_failed failure;
	struct msg_run_done done;
	uint64_t latency_ns;       /* from RUN to its answer */
	char out[RIG_OUTPUT_BYTES], err[RIG_OUTPUT_BYTES]; /* NUL-terminated */
};

/* Starts the spawner (argv[1] of the test) and waits until it is ready. */
void rig_config_default(struct msg_spawner_config *config);
void rig_start(struct rig *rig, const char *spawner_path, const struct msg_spawner_config *config);
/* Closes the channels and waits for it. */
void rig_stop(struct rig *rig);
void rig_run(struct rig *rig, const struct rig_program *program, struct rig_result *ret_result);
/* The two halves of rig_run, without reading streams: for many at once. */
uint64_t rig_send(struct rig *rig, const struct rig_program *program, const int stdio[3]);
void rig_wait(struct rig *rig, uint64_t job, struct rig_result *ret_result);
/* A new front, as after the death of the old one. */
void rig_reconnect(struct rig *rig);

#endif
