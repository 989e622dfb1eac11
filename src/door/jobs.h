/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that were accepted to be run when there is room, whether their caller stays or not. Each is
 * a document (DOCUMENT_JOB) that the store has committed before the caller is told, and again, as
 * begun, before the spawner gets it. So one that is killed with any of our processes is run once,
 * or known to have been begun and not finished: then it is begun again if its caller has allowed
 * that, else it ends as LOST.
 *
 * Here, in the memory of the front, are those that have not ended, a few hundred bytes each: what a
 * job is to run is in the document until its turn comes.
 */
#ifndef SG_DOOR_JOBS_H
#define SG_DOOR_JOBS_H

#include "api/execution.h"
#include "door/documents.h"
#include "door/reply.h"
#include "door/run_events.h"
#include "engine/queue.h"

enum accepted_state {
	ACCEPTED_NEW,	    /* the store is to keep it */
	ACCEPTED_WAITING,   /* on the line of its key */
	ACCEPTED_CLAIMING,  /* the store is to note that it is begun */
	ACCEPTED_RETURNING, /* that it was not, after all */
	ACCEPTED_RUNNING,   /* the engine has it */
	ACCEPTED_ENDING,    /* the store is to keep its end */
};

struct jobs;

struct accepted {
	struct queue_entry queue;
	struct accepted *next; /* in its bucket */
	struct jobs *jobs;
	enum accepted_state state;
	struct key *key;
	char id[ID_BYTES];
	uint32_t mark; /* as the store has it, see ipc/documents.def */
	uint64_t retry;
	bool webhook;		  /* somebody is to hear of its end */
	bool cancelled;		  /* is to end as soon as it can */
	bool lost;		  /* ENDING: as LOST */
	bool bare;		  /* ENDING: what it left cannot be kept */
	struct buf head;	  /* api/execution.h */
	struct job *job;	  /* RUNNING */
	struct arena *arena;	  /* what the job needs */
	struct run_events events; /* .log NULL: nobody can follow it yet */
	struct document_wait wait;
	struct buf documents;	/* NEW, ENDING: what the store is to keep */
	struct timer timer;	/* ENDING: to try again */
	struct exchange *asker; /* who waits for what the store says; NULL: nobody (any more) */
};

struct jobs_counters {
	uint64_t waiting, active, accepted, lost;
};

/* NULL out of memory. The door must stay. */
struct jobs *jobs_create(struct door *door);
/* A new one of that key, NEW, which jobs_find does not find yet. NULL: out of memory or places. */
struct accepted *accepted_create(struct jobs *jobs, struct key *key);
/* Only of one that is NEW. */
void accepted_drop(struct accepted *accepted);
/* The store has it: it waits for its turn from now on. */
void accepted_wait(struct accepted *accepted);
/* It waits for its turn, runs, or is about to: it ends as CANCELLED. False: it is ending already.
 */
bool accepted_cancel(struct accepted *accepted);
struct execution_now accepted_now(const struct accepted *accepted);

/* NULL: there is none of that id that this key has and that has not ended. */
struct accepted *jobs_find(struct jobs *jobs, const struct key *key, const char *id);
/* The store and all keys are there: what an earlier process has left is asked for. */
void jobs_recall(struct jobs *jobs);
/* Something has changed for which jobs may have waited: a spawner, a store, a place. */
void jobs_go_on(struct jobs *jobs);
/* True while one is in the hands of the engine, or its end in those of the store. */
bool jobs_busy(const struct jobs *jobs);
const struct jobs_counters *jobs_counters(struct jobs *jobs);

/*
 * The events of one that this key has and that has not ended, also before it is begun. NULL: there
 * is none of that id, or not enough memory.
 */
struct event_log *jobs_event_log(struct jobs *jobs, const struct key *key, struct slice id);
/* For one that has: answers with its last event, when the store has been asked. */
void jobs_follow_ended(struct exchange *exchange);

/* Takes the request, which has been decoded, and answers it. */
void jobs_accept(struct exchange *exchange, const struct job_spec *spec);

#endif
