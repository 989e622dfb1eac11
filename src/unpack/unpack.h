/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload of ipc/payload.h: checked as hostile, its files written. Behind every wall.
 */
#ifndef SG_UNPACK_UNPACK_H
#define SG_UNPACK_UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/payload.h"

struct unpack_file {
	const char *name;
	const void *data;      /* of a link its target, with a NUL behind it; NULL: it is in a pack */
	uint64_t data_bytes, offset;
	int64_t mtime_ns;      /* or PAYLOAD_NO_TIME */
	mode_t mode;
	enum pack_root root;
	enum pack_type type;
	unsigned pack;         /* index of its descriptor */
};

/* A checked payload. All pointers lead into the bytes it was read from. */
struct unpack {
	const struct payload_header *header;
	char *argv[PAYLOAD_ARGS_MAX + 1];
	char *envp[PAYLOAD_ENV_MAX + 1];
	const char *next;      /* where the next file record is looked for */
	const char *end;
	uint32_t files_left;
};

/* Checks bytes (8-aligned) up to the files. 0, or -1 with errno EBADMSG. */
int unpack_begin(struct unpack *unpack, const void *bytes, size_t len);
/* 1 and the next file, 0 after the last, -1 with errno EBADMSG. */
int unpack_next(struct unpack *unpack, struct unpack_file *ret_file);

/*
 * Maps a memfd that must be sealed against changes and begins. 0, or -1 with errno (EPERM: not
 * sealed).
 */
int unpack_map(struct unpack *unpack, int payload_fd);
/*
 * Writes all files beneath the directories, one for each enum pack_root; a root of which the payload has nothing
 * may be -1. packs: of struct unpack_file. 0, or -1 with errno.
 */
int unpack_files(struct unpack *unpack, const int root_fds[static PACK_ROOTS], const int *packs, unsigned pack_count);
/* Everything, or so much, of file in_fd from an offset on, to the offset of out_fd. 0, or -1 with errno (EIO: it ends before). */
int unpack_copy(int out_fd, int in_fd, uint64_t offset, uint64_t bytes);
/*
 * A new file beneath the directory, its parents made as needed. Writable descriptor, or -1 with
 * errno.
 */
int unpack_create(int dir_fd, const char *name, mode_t mode);

#endif
