/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fork of a process with many threads, after which the child has them all (docs/zfork.md): for
 * interpreters that are warmed up once and forked for every run. fork(2) copies one thread only,
 * and the child of a runtime whose collector, compiler and pool threads are gone hangs or crashes.
 *
 * The caller's order; one thread, the same for all calls, and nothing else of the caller's may run:
 *
 *     zfork_prepare()                 once, when the runtime is warm
 *     zfork_self_test()               once; nothing is served by a process that fails it
 *     zfork_freeze()                  every other thread stands still, at a system call that it
 * waited in pid = zfork_clone(&args) child:  still one thread: joins namespaces, gives up its
 * rights, then zfork_revive() parent: zfork_release()       threads go on
 *
 * From zfork_freeze() to zfork_revive() or zfork_release() no lock may be waited for, as who holds
 * it stands still: system calls only; no malloc, no stdio, no log, nothing of the runtime's. All
 * signals are blocked meanwhile.
 *
 * Descriptors from ZFORK_FD_OWN on, and 0, 1 and 2, are the caller's: the child has them as after
 * fork(2), and does with them what it must. All others are the runtime's: of eventfd, epoll, pipe
 * and read-only file the child has copies of its own on the same numbers, so that siblings share
 * nothing; any other kind is refused by name, as are mappings that are shared and writable.
 *
 * No caller may hold a recursive or error-checking mutex, or a lock for writing, when it calls:
 * those know their owner by its thread id, which is another in the child. So never call from a
 * constructor.
 *
 * x86-64 with glibc only; elsewhere zfork_possible() says why not.
 */
#ifndef SG_ZFORK_ZFORK_H
#define SG_ZFORK_ZFORK_H

#include <linux/sched.h>
#include <sys/types.h>

#include "base/err.h"

#define ZFORK_FD_OWN 100

/* Whether this process can ever be forked so. 0, or -ERR_NOT_IMPLEMENTED and why not. */
int zfork_possible(struct err *err);

/*
 * Makes all memory be copied by fork (V8 takes its heap out with MADV_DONTFORK) and looks for what
 * could not be.
 * 0, or -ERR_NOT_IMPLEMENTED and what stands against it.
 */
int zfork_prepare(struct err *err);

/*
 * Stops the other threads, looks at memory once more and lists the descriptors. 0; -ERR_AGAIN: a
 * thread was busy all the time; -ERR_NOT_IMPLEMENTED: a thread, mapping or descriptor of a kind
 * that cannot be copied. If it fails, everything runs as before.
 */
int zfork_freeze(struct err *err);

/*
 * clone3(2) of the frozen process. What args must say for the C library to find its thread in the
 * child is filled in (child_tid and its flags); stack, tls and flags for threads must be 0. In the
 * child the runtime's descriptors are copies when it returns. Pid, 0 in the child, or -1 with
 * errno; in a child that could not copy a descriptor: -2, and it must _exit.
 */
pid_t zfork_clone(struct clone_args *args);

/*
 * In a child that was cloned by other means, as the first it does: the runtime's descriptors become
 * copies. The kernel has to have written the new thread id where the old was (PR_GET_TID_ADDRESS of
 * prctl(2)), and rseq(2) is to be registered. 0, or -1 with errno: _exit.
 */
int zfork_own_descriptors(void);

/*
 * In the child, in place of what execve would be: the threads go on. Namespaces, ids, filters and
 * Landlock rules are those that the calling thread has now. 0, or -1 with errno: _exit.
 */
int zfork_revive(void);

/* In the parent: the threads go on, and signals are as they were. */
void zfork_release(void);

/*
 * Forks a child in which threads made for it wake each other by mutex, condition, eventfd, epoll
 * and pipe, and does the same in the parent after it. 0, or -ERR_UNAVAILABLE and what did not come
 * back.
 */
int zfork_self_test(struct err *err);

#endif
