/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PARK_LEAVE_H
#define SG_PARK_LEAVE_H

#include <stdbool.h>

/*
 * Makes a call of `function` that this thread is in return `value` at once: its caller goes on as
 * if it had come to its end, with the registers and the stack that it expects. What was called
 * since is left where it is: locks stay held, memory stays allocated. Returns only if there is no
 * such call on the stack, or none that the unwinder can find, or on another machine than x86-64.
 */
void leave_call(const void *function, int value);

/*
 * When the innermost call of `function` that this thread is in comes to its end, `end` is called in
 * the place of what called it, with what it returned; it must not return. One at a time in a
 * process. false: as above, and nothing is done.
 */
bool leave_at_return(const void *function, void (*end)(int value));

#endif
