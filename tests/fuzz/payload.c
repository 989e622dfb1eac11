/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the payload of a run: nothing outside of them is looked at, and what passes is as
 * promised.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unpack/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* Reads every byte, so that the sanitizer sees where they are. */
static unsigned touch(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += bytes[i];
	return sum;
}

static void check_name(const char *name)
{
	insist(name[0] && name[0] != '/', "names are relative");
	insist(strlen(name) <= PAYLOAD_NAME_BYTES, "names are bounded");
	for (const char *part = name;; part = strchr(part, '/') + 1) {
		size_t len = strcspn(part, "/");
		insist(len > 0, "no component is empty");
		insist(strncmp(part, ".", len) != 0 && strncmp(part, "..", len) != 0,
		       "no component is a dot");
		if (!part[len])
			return;
	}
}

static void check(struct unpack *unpack, size_t len)
{
	struct unpack_file file;
	size_t total = 0;
	unsigned count = 0;

	insist(unpack->argv[0][0] == '/', "the program is an absolute path");
	for (char **arg = unpack->argv; *arg; arg++)
		touch(*arg, strlen(*arg));
	for (char **env = unpack->envp; *env; env++)
		touch(*env, strlen(*env));
	if (unpack->header->artefact[0])
		check_name(unpack->header->artefact);
	while (unpack_next(unpack, &file) > 0) {
		check_name(file.name);
		insist((file.mode & ~PACK_MODE_MASK) == 0 && file.root < PACK_ROOTS && file.pack < PACKS_MAX, "modes, roots, packs");
		insist(file.type != PACK_DIRECTORY || file.data_bytes == 0, "directories are empty");
		insist(file.type != PACK_LINK || strlen(file.data) + 1 == file.data_bytes, "a target is a string");
		insist(file.type == PACK_FILE || file.data, "only files are in packs");
		if (file.data)
			touch(file.data, file.data_bytes);
		total += file.data ? file.data_bytes : 0;
		count++;
	}
	insist(total < len && count <= PAYLOAD_FILES_MAX, "files do not overlap");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct unpack unpack;
	void *copy = malloc(len); /* aligned, and of exactly this size */

	memcpy(copy, data, len);
	/* let most inputs get past the sums */
	if (len >= sizeof(struct payload_header) && data[0] != 'x') {
		struct payload_header *header = copy;
		header->magic = PAYLOAD_MAGIC;
		header->total_bytes = len;
	}
	if (unpack_begin(&unpack, copy, len) == 0)
		check(&unpack, len);
	free(copy);
	return 0;
}
