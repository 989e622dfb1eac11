/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar archives: written as pax(1) has them (POSIX.1-2017, "pax Interchange Format"); read as hostile, of the formats
 * ustar, pax, GNU and V7. Names and targets of links are bytes, in whatever character set.
 */
#ifndef SG_SESSION_TAR_H
#define SG_SESSION_TAR_H

#include "base/buf.h"
#include "base/err.h"
#include "ipc/pack.h"

#define TAR_BLOCK_BYTES 512
#define TAR_END_BYTES   1024 /* two blocks of zeros */

struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type, target[100], magic[6], version[2], owner[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct tar_header) == TAR_BLOCK_BYTES, "POSIX.1-2017, pax, table 4-14");

struct tar_entry {
	struct slice name, target;  /* target: of links; of a hard link the name of the other */
	uint64_t size;              /* of a file's content, which follows */
	int64_t mtime_ns;           /* since 1970 */
	uint32_t mode;              /* of PACK_MODE_MASK */
	enum pack_type type;        /* never GONE */
	bool hard_link;             /* a FILE without content of its own */
};

/* --- writing --- */

/* What stands before an entry's content. Of a directory's name no slash at the end. 0 or as buf_append. */
int tar_write(struct buf *out, const struct tar_entry *entry);
/* So many bytes. */
size_t tar_head_bytes(const struct tar_entry *entry);
/* Zeros behind a content of that size. */
static inline unsigned tar_padding(uint64_t size)
{
	return (unsigned)(-size % TAR_BLOCK_BYTES);
}

/* --- reading: in pieces of any size, with little memory --- */

enum tar_event {
	TAR_MORE,  /* all of the input was taken, and there was nothing (more) in it */
	TAR_ENTRY, /* *ret_entry, until the next call */
	TAR_DATA,  /* a piece of its content, which leads into the input */
	TAR_EVENTS
};

struct tar_reader {
	int state;
	struct tar_header block;
	size_t have;                /* of block */
	uint64_t left;              /* of what follows the block */
	unsigned padding;           /* and then */
	struct buf extension;       /* owned, as the others */
	struct buf name, target;    /* as extensions say, or of the entry */
	bool has_name, has_target, has_size, has_mtime, has_preset, has_first;
	uint64_t size;
	int64_t mtime_ns, preset_ns; /* preset: of all entries that follow */
};

struct tar_piece {
	struct tar_entry entry;
	struct slice data;
};

void tar_reader_init(struct tar_reader *reader);
void tar_reader_finish(struct tar_reader *reader);
/* The next enum tar_event, what it took cut off the input; -ERR_BAD_REQUEST with *err, or -ERR_NO_MEMORY. */
int tar_read(struct tar_reader *reader, struct slice *input, struct tar_piece *ret_piece, struct err *err);
/* The archive's end has been seen. */
bool tar_is_whole(const struct tar_reader *reader);

#endif
