/* SPDX-License-Identifier: Apache-2.0 */
/* Intrusive doubly linked list; the head counts, because list lengths are our metrics. */
#ifndef SG_BASE_LIST_H
#define SG_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct list_node {
	struct list_node *prev, *next; /* both NULL while on no list */
};

struct list {
	struct list_node head;
	size_t len;
};

static inline void list_init(struct list *list)
{
	list->head.prev = list->head.next = &list->head;
	list->len = 0;
}

static inline void list_push_back(struct list *list, struct list_node *node)
{
	node->prev = list->head.prev;
	node->next = &list->head;
	list->head.prev->next = node;
	list->head.prev = node;
	list->len++;
}

/* node must be on this list. */
static inline void list_remove(struct list *list, struct list_node *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->prev = node->next = NULL;
	list->len--;
}

static inline bool list_holds(const struct list_node *node)
{
	return node->next != NULL;
}

/* The first node, left on the list; NULL if empty. */
static inline struct list_node *list_first(const struct list *list)
{
	return list->len ? list->head.next : NULL;
}

static inline struct list_node *list_pop_front(struct list *list)
{
	struct list_node *node = list_first(list);

	if (node)
		list_remove(list, node);
	return node;
}

#define list_entry(node, type, member) container_of(node, type, member)

/* The body may remove the current element. */
#define list_foreach(list, var, member)                                                            \
	for (struct list_node *it_ = (list)->head.next, *next_ = it_->next;                        \
	     it_ != &(list)->head && ((var) = list_entry(it_, __typeof__(*(var)), member), 1);     \
	     it_ = next_, next_ = it_->next)

#endif
