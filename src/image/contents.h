/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of a tree's files: a line each, sorted by path,
 *
 *   usr/bin/bash<TAB>f 0755 0:0 1298416 <SHA-256>
 *   usr<TAB>d 0755 0:0
 *   bin<TAB>l 0777 0:0 -> usr/bin
 *
 * Control characters and backslashes in names are written as \ and three octal digits.
 */
#ifndef SG_IMAGE_CONTENTS_H
#define SG_IMAGE_CONTENTS_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "image/digest.h"

struct contents {
	char **lines;
	size_t count, capacity;
	uint64_t files, bytes; /* regular ones; read from a list they are 0 */
};

/* Reads the tree at root. 0, -ERR_IO, -ERR_NO_MEMORY. */
int contents_scan(struct contents *ret_contents, const char *root, struct err *err);
/* Writes the list to path, to disk, and returns its SHA-256. 0, -ERR_IO. */
int contents_save(const struct contents *contents, const char *path,
		  char digest[static DIGEST_BYTES], struct err *err);
/* Reads a list and its SHA-256. 0, -ERR_IO, -ERR_NO_MEMORY. */
int contents_load(struct contents *ret_contents, const char *path, char digest[static DIGEST_BYTES],
		  struct err *err);
/* How many paths are missing, added or changed in now; a line for each on out, which may be NULL.
 */
size_t contents_compare(const struct contents *before, const struct contents *now, FILE *out);
void contents_finish(struct contents *contents);

#endif
