/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Robust mutexes know their owner by its thread id (futex(2), get_robust_list(2)). They are listed
 * by thread, so those that a thread holds can be told its new id. Those of the calling thread too.
 */
#ifndef SG_ZFORK_ROBUST_H
#define SG_ZFORK_ROBUST_H

#include <sys/types.h>

void robust_change_owner(void *list_head, pid_t from, pid_t to);

#endif
