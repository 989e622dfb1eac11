/* SPDX-License-Identifier: Apache-2.0 */
/* The file system that a jail writes to. */
#ifndef SG_SANDBOX_TMPFS_H
#define SG_SANDBOX_TMPFS_H

#include <stdbool.h>
#include <stdint.h>

/* A new tmpfs, mounted nowhere yet, nosuid and nodev. Its descriptor, or -1 with errno. */
int tmpfs_create(uint64_t disk_bytes, bool nosymfollow);
/* Changes the size of the one behind the descriptor. 0, or -1 with errno. */
int tmpfs_resize(int tmpfs_fd, uint64_t disk_bytes);
/* True when no byte or no file more fits. */
bool tmpfs_is_full(int tmpfs_fd);

#endif
