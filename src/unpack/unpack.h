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
	const void *data;
	size_t data_bytes;
	mode_t mode;
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
/* Writes all files beneath the directory. 0, or -1 with errno. */
int unpack_files(struct unpack *unpack, int dir_fd);
/*
 * A new file beneath the directory, its parents made as needed. Writable descriptor, or -1 with
 * errno.
 */
int unpack_create(int dir_fd, const char *name, mode_t mode);

#endif
