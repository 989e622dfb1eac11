/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front's end of ipc/collect.h: says which files of a run are wanted, and reads what came of it. That
 * was written by a process that had a run's files before it: it is checked as hostile.
 */
#ifndef SG_ENGINE_COLLECTED_H
#define SG_ENGINE_COLLECTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "ipc/collect.h"

struct collected_file {
	struct slice name;      /* relative to the working directory; of a skipped one any bytes but NUL */
	struct slice data;
	enum collect_skip skip; /* COLLECT_TAKEN, or why there is no data */
};

struct collected {
	struct collected_file *files; /* owned */
	size_t count;
	uint64_t skipped;             /* with and without an entry */
	struct collect_found found;   /* .changes: what has changed of a session was looked for */
	struct slice changes;         /* change_count records of ipc/collect.h, unchecked; 8-aligned */
	void *map;                    /* owned: where names and data are; NULL: none */
	size_t map_bytes;
};

struct collected_limits {
	uint32_t files;
	uint64_t bytes;
	uint64_t session_bytes;       /* of all that has changed; 0: changes were not asked for */
};

/* What of a session is known, to be told what has changed. */
struct collected_known {
	const struct pack_item *items; /* in their order; PACK_GONE: not to be looked at */
	size_t count;
	uint32_t entries_most;         /* as struct collect_wanted */
	uint64_t session_bytes;
};

/*
 * A memfd that asks for these names and, if directory, for what is below COLLECT_DIR; and, unless known is NULL, for
 * what has changed. -1 with errno.
 */
int collected_ask(const struct slice *names, size_t count, bool directory, const struct collected_limits *limits,
		  const struct collected_known *known);

/*
 * Checks bytes (8-aligned), which *ret_collected then leads into. 0, -ERR_PROTOCOL or -ERR_NO_MEMORY; on
 * failure *ret_collected is untouched.
 */
int collected_parse(struct collected *ret_collected, const void *bytes, size_t len,
		    const struct collected_limits *limits);
/* Seals the memfd, maps and parses it. 0, -ERR_PROTOCOL, -ERR_IO or -ERR_NO_MEMORY. */
int collected_read(struct collected *ret_collected, int fd, const struct collected_limits *limits);
void collected_finish(struct collected *collected);

/* "too_large"; NULL for COLLECT_TAKEN. */
const char *collect_skip_name(enum collect_skip skip);

#endif
