/* SPDX-License-Identifier: Apache-2.0 */
/* Sending and receiving one message with flags of send(2); for channel.c. */
#ifndef SG_IPC_MESSAGE_H
#define SG_IPC_MESSAGE_H

#include "ipc/channel.h"

/* 0, -ERR_AGAIN (only with MSG_DONTWAIT), -ERR_CLOSED or -ERR_IO. */
int message_send_flags(int fd, enum msg_type type, const void *body, const int *fds,
                       unsigned fd_count, int flags);
/* As message_receive. */
int message_receive_flags(int fd, enum role self, enum role peer, struct message *message, void *body,
                          size_t cap, int flags);
/* True if self may take this message, of this many bytes and descriptors, from peer. */
bool message_allowed(uint32_t type, enum role self, enum role peer, size_t size, unsigned fd_count);

#endif
