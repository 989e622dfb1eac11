/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a run, inside the jail and behind every wall: the one message with its descriptors, then its
 * files, limits and standard streams. The launcher does it before execve, a parked interpreter before it
 * opens its program.
 */
#ifndef SG_UNPACK_TAKE_H
#define SG_UNPACK_TAKE_H

#include "ipc/messages.h"
#include "sandbox/steps.h"
#include "unpack/unpack.h"

enum take_fd { TAKE_PAYLOAD, TAKE_STDIN, TAKE_STDOUT, TAKE_STDERR, TAKE_ARTEFACT }; /* or, without one, packs */

struct take {
	struct msg_slot_run run;
	int fds[MSG_FDS_MAX]; /* -1: none */
	unsigned artefacts;   /* 0 or 1 */
	struct unpack unpack;
};

/* Tells the spawner which step failed and why. */
void take_failed(int channel_fd, enum jail_step step, int saved_errno);
/* Waits for the run. 1, 0 when the other end is closed, -1 with errno. */
int take_receive(struct take *take, int channel_fd);
/* The packs that it brought. */
static inline const int *take_packs(const struct take *take)
{
	return take->fds + TAKE_ARTEFACT + take->artefacts;
}
/* Writes its files below work_fd and the home, the compiled program among them, places its control
 * descriptor, and lowers the limits. 0, or -1 with errno. */
int take_unpack(struct take *take, int work_fd);
/* Its streams become 0, 1 and 2. 0, or -1 with errno. */
int take_stdio(const struct take *take);
/* Everything of file in_fd, at most so many bytes. 0, or -1 with errno. */
int take_copy(int out_fd, int in_fd, uint64_t bytes_max);

#endif
