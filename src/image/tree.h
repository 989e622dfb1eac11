/* SPDX-License-Identifier: Apache-2.0 */
/* Directory trees of ours. Links in them are never followed. */
#ifndef SG_IMAGE_TREE_H
#define SG_IMAGE_TREE_H

#include "base/err.h"

/* Removes path and all below it, on this file system only; fine if there is none. 0 or -ERR_IO. */
int tree_remove(const char *path, struct err *err);
/* mkdir -p, mode 0755. 0 or -ERR_IO. */
int tree_make_directory(const char *path, struct err *err);

/*
 * From what the packages installed to what a jail may see: no caches, logs, machine's names and
 * nodes, no set-user-id bits and file capabilities; the directories that the jail mounts on. 0 or
 * -ERR_IO.
 */
int tree_trim(const char *root, struct err *err);

#endif
