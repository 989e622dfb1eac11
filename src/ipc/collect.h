/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a run has left for its caller, in one memfd of the front's. The front writes into it what
 * is wanted (engine/collected.c). Once nothing of the run lives any more the collector (unpack/collect.c), in
 * a jail around the run's directory and as the run's user, writes what it found over that. The front then
 * seals it and reads it as hostile.
 *
 *   wanted:     struct collect_wanted, name_count strings     each: NUL-terminated, no NUL inside
 *   collected:  struct collect_found, then count times, 8-aligned:
 *               struct collect_file, name (NUL-terminated), data
 *
 * Names are relative to PAYLOAD_WORK_DIR, by the rules of ipc/payload.h. No program ever has this descriptor.
 */
#ifndef SG_IPC_COLLECT_H
#define SG_IPC_COLLECT_H

#include <stdint.h>

#include "ipc/payload.h"

#define COLLECT_MAGIC       0x31436753u /* "SgC1" */
#define COLLECT_DIR         "artifacts" /* below PAYLOAD_WORK_DIR: all that is in it comes back */
#define COLLECT_NAMES_MAX   256         /* of files, in a request */
#define COLLECT_SKIPPED_MAX 64          /* that come back; the others are counted */
#define COLLECT_FILES_MAX   1024        /* at most, whatever the configuration says */
#define COLLECT_BYTES_MAX   (1ull << 30)

enum collect_skip {
	COLLECT_TAKEN,
#define X(name, wire) COLLECT_##name,
#include "ipc/collect.def"
#undef X
	COLLECT_SKIPS
};

struct collect_wanted {
	uint32_t magic;
	uint32_t name_count;
	uint32_t directory;       /* 1: all that is below COLLECT_DIR */
	uint32_t files_most;
	uint64_t bytes_most;      /* of all files together */
	uint64_t total_bytes;     /* of this and the names */
};

struct collect_found {
	uint32_t magic;
	uint32_t count;           /* of records: files, and up to COLLECT_SKIPPED_MAX that were skipped */
	uint64_t skipped;         /* files that were, with and without a record */
	uint64_t total_bytes;     /* of this and the records */
};

struct collect_file {
	uint32_t skip;            /* enum collect_skip; other than COLLECT_TAKEN: without data */
	uint32_t name_bytes;      /* without the NUL */
	uint64_t data_bytes;
};

#endif
