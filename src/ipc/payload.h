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
 * File names are relative to PAYLOAD_WORK_DIR or PAYLOAD_HOME_DIR; directories are made as needed. Names that are
 * absolute, empty, longer than 1024 bytes or have an empty, "." or ".." component are refused by both sides.
 *
 * The files of a session are not in the payload: their data is in packs (ipc/pack.h), whose descriptors come with it.
 */
#ifndef SG_IPC_PAYLOAD_H
#define SG_IPC_PAYLOAD_H

#include <signal.h>
#include <stdint.h>

#include "ipc/pack.h"

#define PAYLOAD_MAGIC      0x32506753u /* "SgP2" */
#define PAYLOAD_WORK_DIR   "/work"     /* cwd and HOME's sibling: writable, private to the run */
#define PAYLOAD_HOME_DIR   "/home"     /* HOME: writable, private, empty at the start but for a session's files */
#define PAYLOAD_TMP_DIR    "/tmp"
#define PAYLOAD_NAME_BYTES PACK_PATH_BYTES
#define PAYLOAD_FILES_MAX  (PACK_ENTRIES_MAX + 4096 + 8)
#define PAYLOAD_ARGS_MAX   1024
#define PAYLOAD_ENV_MAX    1024
#define PAYLOAD_CONTROL_FD 99         /* out of the way of what interpreters open */
#define PAYLOAD_NO_TIME    INT64_MIN
#define PAYLOAD_SPARE_INODES 256

/* How many files and directories a disk of so many bytes has: each costs about a kilobyte of the kernel's memory. */
static inline uint64_t payload_inodes(uint64_t disk_bytes)
{
	return disk_bytes / 8192 + 1024;
}

/* And how many of them a session's own may be: what else a run has, and the program makes, needs some too. */
static inline uint32_t payload_entries_most(uint64_t disk_bytes)
{
	uint64_t most = payload_inodes(disk_bytes) - PAYLOAD_SPARE_INODES;

	return most < PACK_ENTRIES_MAX ? (uint32_t)most : PACK_ENTRIES_MAX;
}

/*
 * A new home has this bit, and the unpacking of a session's files ends with its removal: where it still is, not all
 * of them were there. For a program of the run's own user it means nothing.
 */
#define PAYLOAD_HOME_MODE  01755

/*
 * Other than NONE: the artefact descriptor is none, but one to tell the server of executes, PAYLOAD_CONTROL_FD.
 * PROGRAM: the program has it. LAUNCHER: the launcher, which stays (unpack/serve.h); artefact is what code is stored as.
 */
#define PAYLOAD_INTERRUPT SIGURG /* to the launcher; ignored where nobody asks for it, so that all of a jail may get it */
enum payload_control { PAYLOAD_CONTROL_NONE, PAYLOAD_CONTROL_PROGRAM, PAYLOAD_CONTROL_LAUNCHER };

struct payload_header {
	uint32_t magic;
	uint32_t argc, envc, file_count;
	uint32_t session;         /* 1: the run is one of a session */
	uint32_t control;         /* enum payload_control */
	uint16_t rows, columns;   /* of a terminal, which stdin, stdout and stderr are then; rows 0: none */
	uint32_t unused;
	uint64_t total_bytes;     /* of the whole memfd */
	uint64_t strings_bytes;   /* argv and environment with their NULs, right after the header */
	char artefact[256];       /* compile stage: file below PAYLOAD_WORK_DIR to hand back; run stage: name that
	                             the artefact descriptor's content gets, mode 0555; "" = none */
};

struct payload_file {
	uint32_t name_bytes;      /* without the NUL */
	uint32_t mode;            /* of PACK_MODE_MASK */
	uint16_t root, type;      /* enum pack_root, pack_type; no GONE */
	uint32_t source;          /* FILE: 0: the data is here; else the number of its pack, from 1 */
	uint64_t data_bytes;      /* FILE: its content, here or in the pack; LINK: its target, here; DIRECTORY: 0 */
	uint64_t offset;          /* in the pack */
	int64_t mtime_ns;         /* FILE; PAYLOAD_NO_TIME: now */
	uint64_t check;           /* of content in a pack, so that the payload says what its files are */
};

#endif
