/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run has changed of its session's files (ipc/collect.h): the part of the collector that looks at all of the
 * working directory and the home. Behind every wall, as the run's user.
 */
#ifndef SG_UNPACK_CHANGES_H
#define SG_UNPACK_CHANGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "ipc/collect.h"

/* Reads the known entries from in_fd. 0, or -1 with errno (EBADMSG: not as ipc/collect.h says). */
int changes_read_known(int in_fd, const struct collect_wanted *wanted);
/*
 * Looks at the directories work and home beneath root_fd and writes what is not as it was known to out_fd, where its
 * offset is. follow: as collect_run. 0 with *found filled, or -1 with errno.
 */
int changes_run(int root_fd, int out_fd, bool follow, const struct collect_wanted *wanted, struct collect_found *found);

#endif
