/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "confine/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define PIECE_BYTES 16384

static int make_parents(char *path, size_t root_len)
{
	for (char *slash = strchr(path + root_len + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int rc = mkdir(path, 0755);
		*slash = '/';
		if (rc < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int copy(int from, const char *path)
{
	char piece[PIECE_BYTES];
	_close_ int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	ssize_t len;

	if (to < 0)
		return -1;
	while ((len = read(from, piece, sizeof(piece))) > 0)
		if (fd_write_all(to, piece, (size_t)len) < 0)
			return -1;
	return len < 0 ? -1 : 0;
}

int copies_make(const char *root, const char *const *paths)
{
	char target[PATH_MAX];

	for (; *paths; paths++) {
		_close_ int from = open(*paths, O_RDONLY | O_CLOEXEC);
		if (from < 0)
			continue;
		if (snprintf(target, sizeof(target), "%s%s", root, *paths) >= (int)sizeof(target) ||
		    make_parents(target, strlen(root)) < 0 || copy(from, target) < 0)
			return -1;
	}
	return 0;
}
