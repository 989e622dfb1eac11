/* SPDX-License-Identifier: Apache-2.0 */
#include "zfork/robust.h"

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* The first words of pthread_mutex_t: __lock, __count, __owner. Part of glibc's ABI, as they may be
 * shared. */
struct mutex {
	uint32_t lock, count, owner;
};

static void change(struct mutex *mutex, uint32_t from, uint32_t to)
{
	if ((mutex->lock & FUTEX_TID_MASK) != from)
		return;
	mutex->lock = (mutex->lock & ~(uint32_t)FUTEX_TID_MASK) | to;
	mutex->owner = to;
}

/* A list of one thread's mutexes ends where it begins, and the kernel goes no farther than this
 * either. */
void robust_change_owner(void *list_head, pid_t from, pid_t to)
{
	struct robust_list_head *head = list_head;
	uintptr_t at = head ? (uintptr_t)head->list.next : 0;

	for (size_t left = ROBUST_LIST_LIMIT; left && at && at != (uintptr_t)&head->list; left--) {
		at &= ~(uintptr_t)1; /* set for those that inherit priority */
		change((struct mutex *)(at + (uintptr_t)head->futex_offset), (uint32_t)from,
		       (uint32_t)to);
		at = (uintptr_t)((struct robust_list *)at)->next;
	}
}
