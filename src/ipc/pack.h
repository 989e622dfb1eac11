/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs: the files of sessions. A pack is an immutable file of the store's, found by the SHA-256 of all its bytes:
 *
 *   the contents of its files, one behind the other
 *   entry_count times, 8-aligned:   struct pack_entry, path, NUL, of a link its target and a NUL
 *   struct pack_foot                8-aligned, the last bytes
 *
 * Entries are in the order of pack_compare, none twice. A session is a list of packs: the last one's index has all
 * its files, whose contents are in any of them. A directory stands before what is in it.
 *
 * Paths are relative to their root, by the rules of ipc/payload.h: any bytes but NUL. A pack is read as hostile: its
 * index was made of what a jail has left.
 */
#ifndef SG_IPC_PACK_H
#define SG_IPC_PACK_H

#include <stdint.h>

#include "base/slice.h"

#define PACK_MAGIC         0x314b6753u /* "SgK1" */
#define PACKS_MAX          6           /* of one session */
#define PACK_HASH_BYTES    32
#define PACK_PATH_BYTES    1024
#define PACK_TARGET_BYTES  4095        /* PATH_MAX without its NUL */
#define PACK_ENTRIES_MAX   32768       /* of a session; payload_entries_most */
#define PACK_INDEX_BYTES   (24u << 20) /* of one pack, and of all entries of a session together */
#define PACK_BYTES_MAX     (1ull << 41)
#define PACK_MODE_MASK     0777u

enum pack_root { PACK_WORK, PACK_HOME, PACK_ROOTS }; /* PAYLOAD_WORK_DIR, PAYLOAD_HOME_DIR */
/* GONE is no entry of a pack: it is what has become of one. */
enum pack_type { PACK_FILE, PACK_DIRECTORY, PACK_LINK, PACK_GONE, PACK_TYPES };

struct pack_entry {
	uint32_t path_bytes;      /* without the NUL */
	uint32_t target_bytes;    /* LINK: the same; else 0 */
	uint8_t root, type;       /* enum pack_root, pack_type */
	uint16_t pack;            /* FILE: where its content is: index in the session's list; else 0 */
	uint32_t mode;            /* FILE, DIRECTORY: of PACK_MODE_MASK */
	int64_t mtime_ns;         /* FILE: since 1970; else 0 */
	uint64_t size, offset;    /* FILE: its content's; else 0 */
	uint64_t check;           /* FILE: check_of its content; else 0 */
};

struct pack_foot {
	uint32_t magic;
	uint32_t entry_count;
	uint64_t index_bytes;     /* of the entries, which end where this begins */
	uint64_t total_bytes;     /* of the pack */
};

/* An entry in memory. path and target lead elsewhere, and have a NUL behind them. */
struct pack_item {
	struct slice path, target;
	uint64_t size, offset, check;
	int64_t mtime_ns;
	uint32_t mode;
	uint8_t root, type, pack; /* pack: index in its session's list */
};

/* One pack in a document's list of them. */
struct pack_ref {
	uint8_t hash[PACK_HASH_BYTES];
	uint64_t bytes;
};

/*
 * The body of a document of kind SESSION or SNAPSHOT: this, pack_count times struct pack_ref, the oldest first, then
 * env_count strings "NAME=value", each with its NUL.
 */
struct pack_list {
	uint32_t magic;           /* PACK_MAGIC */
	uint32_t pack_count, env_count, unused;
};

/* By root, then by the bytes of the path: what is below a directory comes behind it, in one piece. */
static inline int pack_compare(unsigned root_a, struct slice a, unsigned root_b, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = root_a != root_b ? (root_a < root_b ? -1 : 1) : len ? memcmp(a.data, b.data, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Whether a path is below a directory. */
static inline bool pack_is_below(struct slice path, struct slice directory)
{
	return path.len > directory.len && path.data[directory.len] == '/' &&
	       memcmp(path.data, directory.data, directory.len) == 0;
}

#endif
