/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a run has left for its caller, in one memfd of the front's. The front writes into it what
 * is wanted (engine/collected.c). Once nothing of the run lives any more the collector (unpack/collect.c), in
 * a jail around the run's directory and as the run's user, writes what it found over that. The front then
 * seals it and reads it as hostile.
 *
 *   wanted:     struct collect_wanted, name_count strings     each: NUL-terminated, no NUL inside
 *               known_count times, 8-aligned: struct pack_entry, path and target (NUL-terminated), in their order
 *   collected:  struct collect_found, then count times, 8-aligned:
 *               struct collect_file, name (NUL-terminated), data
 *               then change_count times, 8-aligned:
 *               struct collect_change, path and target (NUL-terminated), of a file its content
 *
 * Names are relative to PAYLOAD_WORK_DIR, by the rules of ipc/payload.h. No program ever has this descriptor.
 *
 * Changes are asked for when the run was one of a session: what is otherwise than the session's files, which are
 * known, were. One that is known as PACK_GONE is not looked at, nor is what is below it.
 */
#ifndef SG_IPC_COLLECT_H
#define SG_IPC_COLLECT_H

#include <stdint.h>

#include "ipc/pack.h"
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
	uint32_t changes;         /* 1: also what has changed */
	uint32_t known_count;
	uint64_t known_at;        /* where the known entries begin */
	uint32_t entries_most;    /* of the session, afterwards */
	uint32_t unused;
	uint64_t session_bytes;   /* all its files afterwards, each rounded up as collect_rounded does */
	uint64_t total_bytes;     /* of this, the names and the known entries */
};

struct collect_found {
	uint32_t magic;
	uint32_t count;           /* of records: files, and up to COLLECT_SKIPPED_MAX that were skipped */
	uint64_t skipped;         /* files that were, with and without a record */
	uint32_t change_count;
	uint32_t changes;         /* 1: they were looked for */
	uint32_t complete;        /* 1: the session's files had all been there (PAYLOAD_HOME_MODE) */
	uint32_t verdict;         /* enum collect_skip: the session would be too large, or have too many entries */
	uint64_t total_bytes;     /* of this and the records */
};

struct collect_file {
	uint32_t skip;            /* enum collect_skip; other than COLLECT_TAKEN: without data */
	uint32_t name_bytes;      /* without the NUL */
	uint64_t data_bytes;
};

/* skip: there is something of that name that cannot be kept; whatever the session had there it still has. */
struct collect_change {
	uint32_t skip, unused;    /* enum collect_skip; without content if it is not COLLECT_TAKEN */
	struct pack_entry entry;  /* offset 0; GONE: it is not there any more, nor is what was below it */
};

/* What a file takes of a tmpfs: whole pages. */
static inline uint64_t collect_rounded(uint64_t bytes)
{
	return (bytes + 4095) & ~UINT64_C(4095);
}

#endif
