/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collecting what a run has left (ipc/collect.h). Behind every wall, as the run's user, in a process of its
 * own whose root is the tmpfs with the run's directories.
 */
#ifndef SG_UNPACK_COLLECT_H
#define SG_UNPACK_COLLECT_H

#include <stdbool.h>

/*
 * Reads from collect_fd what is wanted, waits for go_fd, an eventfd (-1: for nothing), looks for it beneath root_fd, the run's tmpfs, and writes what is
 * there into collect_fd. follow: links are followed, out of the directory too; for tests of what that would mean.
 * 0, or -1 with errno (EBADMSG: not a list of what is wanted).
 */
int collect_run(int root_fd, int collect_fd, int go_fd, bool follow);

#endif
