/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and copying what a program has left, for the collector's two halves. */
#ifndef SG_UNPACK_BENEATH_H
#define SG_UNPACK_BENEATH_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/collect.h"

struct kernel_dirent { /* struct linux_dirent64 of getdents64(2) */
	uint64_t ino;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/*
 * For reading: nothing outside of the directory, nothing by a link, no other file system, and no FIFO that somebody
 * would have to write to first. What it opened is only then looked at. follow: none of that. -1 with errno.
 */
int beneath_open(int dir_fd, const char *name, bool follow);
/* Why beneath_open failed. */
enum collect_skip beneath_skip(int error);
/* Moves the offset to where a record may begin, *ret_begin. 0, or -1 with errno. */
int beneath_begin_record(int out_fd, off_t *ret_begin);
/* Whether the file had exactly so many bytes, no fewer and no more, from its offset on. */
bool beneath_copy(int out_fd, int in_fd, uint64_t bytes);
/* "." and "..". */
bool beneath_is_dots(const char *name);

#endif
