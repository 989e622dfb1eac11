/* SPDX-License-Identifier: Apache-2.0 */
#include "door/recall.h"

#include <string.h>

#define AGAIN_NS (200 * NS_PER_MS)

static void ask(struct recall *recall);

static void on_due(struct timer *timer)
{
	ask(container_of(timer, struct recall, timer));
}

/* The store is gone, or others ask too much of it. */
static void ask_again(struct recall *recall)
{
	loop_timer_set(recall->door->loop, &recall->timer, clock_now_ns() + AGAIN_NS, on_due);
}

static void on_page(struct document_wait *wait)
{
	struct recall *recall = container_of(wait, struct recall, wait);
	struct slice bytes = buf_slice(&wait->bytes);
	bool more = wait->count > 0;
	struct document document;

	while (document_next(&bytes, &document) > 0) {
		memcpy(recall->after, document.id, sizeof(recall->after));
		recall->take(recall, &document);
	}
	documents_end(wait);
	if (wait->code)
		ask_again(recall);
	else if (more)
		ask(recall);
	else
		recall->all_taken(recall);
}

static void ask(struct recall *recall)
{
	struct msg_document_ask msg = {
	    .op = DOCUMENT_RECALL, .kind = recall->kind, .most = DOCUMENTS_PAGE_MAX};

	memcpy(msg.id, recall->after, sizeof(msg.id));
	recall->wait.fn = on_page;
	recall->wait.background = true;
	if (documents_ask(&recall->wait, recall->door, NULL, &msg, (struct slice){0}, NULL) < 0)
		ask_again(recall);
}

void recall_begin(struct recall *recall)
{
	documents_end(&recall->wait);
	loop_timer_cancel(recall->door->loop, &recall->timer);
	recall->after[0] = '\0';
	ask(recall);
}
