/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other threads of this process: stopped, each in a handler on its own stack, and brought back
 * in a copy of the process that has none of them.
 *
 * Invariants while threads_stop() holds:
 *  - every thread but the caller's waits in the handler, and none of them was doing anything: each
 * was interrupted in a system call that it waited in, so it is inside no allocator, loader or
 * compiler;
 *  - the list is complete: it is read again after the last one stopped, and threads are only made
 * by threads;
 *  - each is one of the C library's, which has its id where the caller has its own.
 */
#ifndef SG_ZFORK_THREADS_H
#define SG_ZFORK_THREADS_H

#include "base/err.h"

/* 0, -ERR_AGAIN or -ERR_NOT_IMPLEMENTED with the thread's name; then all go on. Blocks all signals.
 */
int threads_stop(struct err *err);
/* They go on, and signals are as before threads_stop(). */
void threads_resume(void);
/* In the copy: the same for threads that do not exist yet. 0, or -1 with errno. */
int threads_revive(void);

/* Where the C library keeps the calling thread's id, for CLONE_CHILD_SETTID; NULL: not known. */
int *threads_own_tid(void);

#endif
