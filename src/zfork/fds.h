/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime's descriptors. fork(2) shares what they lead to: siblings would wake each other by
 * one eventfd, take each other's bytes out of one pipe, and move each other's place in one file. So
 * the copy gets objects of its own, in the state that those have now, on the same numbers.
 *
 * Invariants:
 *  - kinds are known by name (fds.def); any other refuses, and so does a pipe whose other end is
 * elsewhere;
 *  - what is in a pipe stays in it for the parent: it is copied by tee(2);
 *  - interests of an epoll are made anew, by number, after what they point to;
 *  - a file or device is opened again by its name, where the child is by then, and has to be the
 * same.
 */
#ifndef SG_ZFORK_FDS_H
#define SG_ZFORK_FDS_H

#include "base/err.h"

/* In the frozen process: lists them with their state. 0, or -ERR_NOT_IMPLEMENTED and the one that
 * cannot be copied. */
int fds_list(struct err *err);
/* In the copy, at once: all but files and devices; and those, where the copy stays. 0, or -1 with
 * errno. */
int fds_make_private(void);
int fds_open_again(void);

#endif
