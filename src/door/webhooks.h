/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling callers' URLs of the ends of their jobs. Each webhook is a document (DOCUMENT_WEBHOOK)
 * that was kept together with its job, so none is forgotten: it is sent when the job has ended,
 * again and later each time until it is answered with 2xx or has been tried often enough, and that
 * goes on after a restart. A receiver may hear of one end more than once, each time with the same
 * webhook-id.
 *
 * The front makes and signs what is sent; the courier (role/courier.c), which knows no secret,
 * sends it.
 */
#ifndef SG_DOOR_WEBHOOKS_H
#define SG_DOOR_WEBHOOKS_H

#include "door/documents.h"

struct webhooks;

struct webhooks_counters {
	uint64_t waiting, delivered, failed;
};

/* NULL out of memory. The door must stay. */
struct webhooks *webhooks_create(struct door *door);
/* The id of the webhook of a job, and the other way round: they have the same number. */
void webhook_id_of(char out[static ID_BYTES], const char *job_id);
/* That job has ended, and has a webhook. */
void webhooks_due(struct webhooks *webhooks, struct key *key, const char *job_id);
/* All jobs that have not ended are known: those that an earlier process has left are asked for. */
void webhooks_recall(struct webhooks *webhooks);
/* A courier is there (or, NULL, has gone). */
void webhooks_attach(struct webhooks *webhooks, struct channel *courier);
void webhooks_delivered(struct webhooks *webhooks, const struct msg_delivered *msg);
const struct webhooks_counters *webhooks_counters(struct webhooks *webhooks);

#endif
