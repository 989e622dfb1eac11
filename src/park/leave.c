/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unwinder (the one that exceptions of C++ use, linked into this library) tells what the
 * registers of each caller will be when control comes back to it; that is put into them.
 *
 * The caller is known by its last instruction, a direct call of the function. The function's own
 * frame is not looked for: it may be another function by then, into which it jumped at its end.
 */
#define _GNU_SOURCE
#include "park/leave.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

#include "base/util.h"

#if defined(__x86_64__)

#define CALL 0xe8 /* with the distance from the next instruction, in four bytes */

/* Which a function leaves as they were (System V ABI for AMD64, 3.2.1), by their numbers in DWARF
 * (same, 3.6.2). */
static const int kept[] = {3, 6, 12, 13, 14, 15}; /* rbx, rbp, r12 to r15 */

struct search {
	const void *function;
	uint64_t registers[ARRAY_LEN(kept)];
	uint64_t stack, next; /* next: the instruction that the caller goes on with; 0: not found */
};

static bool is_behind_call(uint64_t next, const void *function)
{
	const uint8_t *code = (const uint8_t *)next - 5;
	int32_t distance;

	memcpy(&distance, code + 1, sizeof(distance));
	return code[0] == CALL &&
	       next + (uint64_t)(int64_t)distance == (uint64_t)(uintptr_t)function;
}

static _Unwind_Reason_Code look(struct _Unwind_Context *frame, void *context)
{
	struct search *search = context;
	uint64_t next = _Unwind_GetIP(frame);

	if (!next || !is_behind_call(next, search->function))
		return _URC_NO_REASON;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		search->registers[i] = _Unwind_GetGR(frame, kept[i]);
	search->stack = _Unwind_GetCFA(frame);
	search->next = next;
	return _URC_END_OF_STACK;
}

/* The processor checks returns against a stack of its own, which this does not know. */
static bool has_shadow_stack(void)
{
	uint64_t top = 0;

	__asm__ volatile("rdsspq %0" : "+r"(top)); /* does nothing where there is none */
	return top;
}

_noreturn_ static void go_on(const struct search *search, long value)
{
	__asm__ volatile(
	    "mov 0x00(%[kept]), %%rbx\n\t"
	    "mov 0x08(%[kept]), %%rbp\n\t"
	    "mov 0x10(%[kept]), %%r12\n\t"
	    "mov 0x18(%[kept]), %%r13\n\t"
	    "mov 0x20(%[kept]), %%r14\n\t"
	    "mov 0x28(%[kept]), %%r15\n\t"
	    "mov %[stack], %%rsp\n\t"
	    "jmp *%[next]"
	    :
	    : [kept] "D"(search->registers), [stack] "S"(search->stack), [next] "d"(search->next),
	      "a"(value)
	    : "memory");
	__builtin_unreachable();
}

static bool find(struct search *search, const void *function)
{
	*search = (struct search){.function = function};
	if (has_shadow_stack())
		return false;
	_Unwind_Backtrace(look, search);
	return search->next;
}

void leave_call(const void *function, int value)
{
	struct search search;

	if (find(&search, function))
		go_on(&search, value);
}

static void (*at_return)(int value);

__attribute__((used, noreturn)) static void returned(int value)
{
	at_return(value);
	__builtin_trap();
}

/* Where a call returns to that was to return elsewhere: the stack is as its caller left it before
 * the call. */
__attribute__((naked)) static void return_here(void)
{
	__asm__("mov %eax, %edi\n\t"
		"and $-16, %rsp\n\t"
		"call returned");
}

bool leave_at_return(const void *function, void (*end)(int value))
{
	struct search search;

	if (!find(&search, function))
		return false;
	at_return = end;
	((uint64_t *)search.stack)[-1] = (uint64_t)(uintptr_t)return_here;
	return true;
}

#else

bool leave_at_return(const void *function _unused_, void (*end)(int value) _unused_)
{
	return false;
}

void leave_call(const void *function _unused_, int value _unused_)
{
}

#endif
