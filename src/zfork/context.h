/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a thread stands, and going on there in another process: x86-64.
 *
 * A thread is saved inside a signal handler. All that the interrupted code had in registers is in
 * the signal frame on the thread's own stack, and rt_sigreturn(2) brings it back; so only what the
 * psABI says a function preserves has to be kept here, to come back into the handler.
 */
#ifndef SG_ZFORK_CONTEXT_H
#define SG_ZFORK_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

struct context {
	uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip; /* the order is that of context.c */
};

/* 0 when it saves; 1 when the thread comes back to it in the child. As setjmp(3). */
int context_save(struct context *context) __attribute__((returns_twice));

/*
 * clone(2) with these flags of a thread that goes on in context, on the stack that it had there.
 * Thread id, or -errno.
 */
long context_clone(unsigned long flags, const struct context *context, int *tid, uintptr_t tls);

/* The handler's way back: rt_sigreturn(2). For SA_RESTORER. */
void context_return(void);

#endif
