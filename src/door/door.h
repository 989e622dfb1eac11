/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door: between HTTP and the engine. Finds the route, the key and its rate, lets the dialect decode,
 * submits the job, and writes the answer. One per front process.
 */
#ifndef SG_DOOR_DOOR_H
#define SG_DOOR_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "engine/engine.h"
#include "engine/key.h"
#include "http/http.h"
#include "runtime/runtime.h"
#include "scan/scan.h"

/* Asks to the store that have no answer yet (documents.c). */
struct documents {
	struct list waiting;
	size_t background; /* of them */
	uint64_t last_number;
};

/* Asks to the fetcher that have no answer yet (fetch.c). */
struct fetches {
	struct channel *fetcher;    /* NULL while there is none */
	struct list waiting;
	struct timer timer;
	uint64_t last_number, under_way; /* 0: nothing is */
};

struct event_logs;

struct door {
	const struct config *config;
	const struct runtime_table *runtimes;
	struct loop *loop;
	struct scan scan;           /* owned; empty: there is none */
	struct http_server *http;
	struct engine *engine;
	struct keyring *keys;
	struct jobs *jobs;          /* runs that were accepted, jobs.h */
	struct webhooks *webhooks;  /* who is to hear of their ends */
	struct event_logs *events;  /* of runs that are followed */
	struct later *later;        /* runs that nobody waits for */
	struct once *once;          /* answers to requests with an Idempotency-Key */
	struct channel *store;      /* NULL while there is none: records are then lost and counted */
	bool embedded;              /* one trusted client, no keys */
	bool draining;
	bool spawner_attached;
	bool walls_known;
	struct msg_walls walls;
	uint64_t walls_waived;      /* bits 1 << enum wall */
	struct msg_gauges gauges;
	struct documents documents;
	struct fetches fetches;
	unsigned builds;            /* of packages, now (packages.c) */
	struct documents packs;     /* as documents, for packs.c */
	struct sessions *sessions;  /* those in use */
	unsigned uploads;           /* files on their way into sessions (session_upload.c) */
	unsigned archives;          /* that are on their way to clients (session_archive.c) */
	struct key nobody;          /* the embedded client */
	uint64_t unauthenticated, rate_limited, records_lost;
};

/* 0 or -ERR_NO_MEMORY; the pointers in *door are the caller's to set before requests come. */
int door_init(struct door *door, const struct config *config, const struct runtime_table *runtimes);

/* For http_callbacks; ctx is the door. */
void door_on_head(struct http_request *request, void *ctx);
void door_on_request(struct http_request *request, void *ctx);
void door_error_body(struct buf *out, struct http_request *request, int code, const char *text,
                     void *ctx);

/* What the store says; body as received, fd is taken. */
void door_documents_answer(struct door *door, const struct msg_documents *msg, int fd);
void door_packs_answer(struct door *door, const struct msg_pack *msg, int fd);
/* It is gone, and so are the answers that were waited for. */
void door_store_gone(struct door *door);

/* Why runs are refused right now; ERR_OK when they are not. */
enum err_code door_refuses(const struct door *door, struct err *err);

#endif
