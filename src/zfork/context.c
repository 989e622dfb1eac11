/* SPDX-License-Identifier: Apache-2.0 */
#include "zfork/context.h"

#include <stddef.h>
#include <sys/syscall.h>

_Static_assert(offsetof(struct context, rsp) == 48 && offsetof(struct context, rip) == 56,
	       "the code below");
_Static_assert(SYS_clone == 56 && SYS_rt_sigreturn == 15, "the code below");

/* The stack pointer is that of the caller after the return, which the return address is taken from.
 */
__asm__(".text\n"
	".globl context_save\n"
	".hidden context_save\n"
	".type context_save, @function\n"
	"context_save:\n"
	"	endbr64\n"
	"	movq %rbx, 0(%rdi)\n"
	"	movq %rbp, 8(%rdi)\n"
	"	movq %r12, 16(%rdi)\n"
	"	movq %r13, 24(%rdi)\n"
	"	movq %r14, 32(%rdi)\n"
	"	movq %r15, 40(%rdi)\n"
	"	leaq 8(%rsp), %rdx\n"
	"	movq %rdx, 48(%rdi)\n"
	"	movq (%rsp), %rdx\n"
	"	movq %rdx, 56(%rdi)\n"
	"	xorl %eax, %eax\n"
	"	ret\n"
	".size context_save, . - context_save\n");

/*
 * clone(flags, stack, parent_tid, child_tid, tls). The thread begins behind the system call with a
 * copy of all registers but rax and rsp, so r12 still leads to its context. Its stack pointer is
 * the saved one at once: what is below it was left when the handler's frame was saved.
 */
__asm__(".text\n"
	".globl context_clone\n"
	".hidden context_clone\n"
	".type context_clone, @function\n"
	"context_clone:\n"
	"	endbr64\n"
	"	pushq %r12\n"
	"	movq %rsi, %r12\n"
	"	movq %rcx, %r8\n"
	"	movq 48(%r12), %rsi\n"
	"	movq %rdx, %r10\n"
	"	movl $56, %eax\n"
	"	syscall\n"
	"	testq %rax, %rax\n"
	"	jz 1f\n"
	"	popq %r12\n"
	"	ret\n"
	"1:	movq %r12, %rdi\n"
	"	movq 0(%rdi), %rbx\n"
	"	movq 8(%rdi), %rbp\n"
	"	movq 16(%rdi), %r12\n"
	"	movq 24(%rdi), %r13\n"
	"	movq 32(%rdi), %r14\n"
	"	movq 40(%rdi), %r15\n"
	"	movl $1, %eax\n"
	"	jmpq *56(%rdi)\n"
	".size context_clone, . - context_clone\n");

__asm__(".text\n"
	".globl context_return\n"
	".hidden context_return\n"
	".type context_return, @function\n"
	"context_return:\n"
	"	movl $15, %eax\n"
	"	syscall\n"
	".size context_return, . - context_return\n");
