/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run is made of, as one sealed memfd: argv, environment, files. The front writes it
 * (engine/payload.c), only the launcher, or the parked interpreter, inside the jail reads it (unpack/unpack.c), as the jailed uid
 * and behind every wall; nobody privileged looks inside.
 *
 *   struct payload_header
 *   argc strings, envc strings             each: NUL-terminated, no NUL inside
 *   file_count times, 8-aligned:           struct payload_file, name (NUL-terminated), data
 *
 * argv[0] is the absolute path of the program to execute, inside the image or below PAYLOAD_WORK_DIR.
 * File names are relative to PAYLOAD_WORK_DIR; directories are made as needed. Names that are absolute,
 * empty, longer than 1024 bytes or have an empty, "." or ".." component are refused by both sides.
 */
#ifndef SG_IPC_PAYLOAD_H
#define SG_IPC_PAYLOAD_H

#include <stdint.h>

#define PAYLOAD_MAGIC      0x31506753u /* "SgP1" */
#define PAYLOAD_WORK_DIR   "/work"     /* cwd and HOME's sibling: writable, private to the run */
#define PAYLOAD_HOME_DIR   "/home"     /* HOME: writable, private, empty at the start */
#define PAYLOAD_TMP_DIR    "/tmp"
#define PAYLOAD_NAME_BYTES 1024
#define PAYLOAD_FILES_MAX  4096
#define PAYLOAD_ARGS_MAX   1024
#define PAYLOAD_ENV_MAX    1024
#define PAYLOAD_DIRECTORY  0040755
#define PAYLOAD_CONTROL_FD 99         /* out of the way of what interpreters open */

struct payload_header {
	uint32_t magic;
	uint32_t argc, envc, file_count;
	uint64_t total_bytes;     /* of the whole memfd */
	uint64_t strings_bytes;   /* argv and environment with their NULs, right after the header */
	uint32_t control;         /* run stage: 1: the artefact descriptor is none; the program has it as PAYLOAD_CONTROL_FD */
	uint32_t unused;
	char artefact[256];       /* compile stage: file below PAYLOAD_WORK_DIR to hand back; run stage: name that
	                             the artefact descriptor's content gets, mode 0555; "" = none */
};

struct payload_file {
	uint32_t name_bytes;      /* without the NUL */
	uint32_t mode;            /* 0644 or 0755; PAYLOAD_DIRECTORY: no file, and no data */
	uint64_t data_bytes;
};

#endif
