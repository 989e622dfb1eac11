/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: takes jobs, decides who goes next, runs their stages through the spawner, and hands back
 * results. It owns a job from engine_submit until on_finished or, after engine_cancel, until its slot is dead.
 */
#ifndef SG_ENGINE_ENGINE_H
#define SG_ENGINE_ENGINE_H

#include "config/config.h"
#include "engine/cache.h"
#include "engine/job.h"
#include "engine/queue.h"
#include "engine/stage_io.h"
#include "engine/warm.h"
#include "ipc/channel.h"

struct engine;

struct job;
struct resident;

enum job_state {
	JOB_NEW,      /* the caller's */
	JOB_HELD,     /* its holder's, before the engine has it or after */
	JOB_QUEUED,   /* on its key's waiting list */
	JOB_RUNNING,  /* on engine.running: the spawner has it */
	JOB_CLOSING,  /* on engine.running: the program has ended, its pipes have not */
	JOB_FINISHED, /* the caller's again */
};

/* For a caller that takes part in a run: all are called until the job is finished or cancelled. on_stage and on_exit may be NULL. */
struct job_stream {
	bool interactive;                   /* stdin stays open, and output is passed on and not kept */
	bool unlimited;                     /* and not counted either */
	void (*on_stage)(struct job *job);  /* job->stage begins */
	void (*on_data)(struct job *job, unsigned stream, struct slice data); /* 0 stdout, 1 stderr */
	void (*on_exit)(struct job *job);   /* job->stage is over, and its result stands */
};

/*
 * Who feeds a program's stdin as it comes (engine_feed); the feeder's memory. Both sides let go of each other by
 * job_feed_end.
 */
struct job_feed {
	struct job *job;             /* NULL: it has ended, and nobody takes any more */
	void (*on_fed)(struct job_feed *feed); /* the program has taken all there was */
	void (*on_over)(struct job_feed *feed); /* job is NULL from now on. May be NULL */
};

/* Who has a job before the engine does, and when that is done with it: it may have to wait for its session. */
struct job_holder {
	/* In JOB_HELD: nobody waits for it any more; it is the holder's to destroy, spec's memory may go. */
	void (*on_cancel)(struct job *job);
	/* In place of on_finished, also of one that was cancelled: the holder's to destroy or to pass on. */
	void (*on_end)(struct job *job);
};

struct job {
	enum job_state state;
	struct queue_entry queue;
	struct list_node node;       /* on engine.running or engine.resident */
	struct engine *engine;
	struct key *key;
	uint64_t number;             /* of the stage, in messages */
	enum stage stage;
	struct job_spec spec;
	struct job_result result;    /* output buffers owned: job_destroy frees them */
	struct err error;            /* code != 0: no result, this instead */
	char *error_text;            /* owned: what the result says in the words of an error; or NULL */
	uint8_t source_hash[32];     /* SHA-256 of the first stage's payload; of an execute, of its code */
	uint64_t submitted_ns;
	uint64_t started_ns;         /* its place was free; 0: not yet */
	struct stage_io io;
	struct resident *resident;           /* it is an execute of this interpreter, which outlives it; NULL: of a slot of its own */
	bool continues;              /* and of no other: what it knows of the session is of its start */
	bool stays;                  /* it stays between executes, on engine.resident: no place of runs_max is taken */
	const struct job_stream *stream; /* NULL: what it says is only in the result */
	void *stream_ctx;            /* its owner's */
	struct job_feed *feed;       /* NULL: its stdin is spec.stdin_data */
	struct job *partner;         /* begins with this one; until then its caller's, in JOB_NEW */
	bool compile_only;           /* it is finished when it is compiled; artefact_fd is then the caller's to take */
	uint64_t keep_bytes;         /* of each output of the program, if not all up to its limit */
	int artefact_fd;             /* given, sealed, before it is submitted: it is compiled already */
	int collect_fd;
	struct buf payload;          /* of the stage that is about to start; then empty */
	uint8_t cache_key[CACHE_KEY_BYTES];
	bool killed;                 /* SPAWNER_KILL was sent for this stage */
	bool cancelled;              /* nobody waits: spec's memory may be gone */
	struct msg_run_done done;    /* of this stage, in JOB_CLOSING */
	struct timer closing_timer;
	const struct job_holder *holder; /* NULL: none */
	void *held;                  /* the holder's */
	void (*on_finished)(struct job *job); /* result or error is set; the job is the caller's to destroy */
	void *owner;
};

struct engine_counters {
	uint64_t submitted, finished, failed, cancelled, refused;
	uint64_t by_status[RUN_STATUS_COUNT];
	uint64_t queued, running;    /* now */
	uint64_t wall_ns_sum, queue_ns_sum;
	uint64_t warm;               /* runs in parked interpreters */
	uint64_t resident;           /* interpreters between executes or at one, now */
};

struct engine *engine_create(struct loop *loop, const struct config *config,
                             const struct runtime_table *runtimes);
void engine_destroy(struct engine *engine);

/* A spawner is there. The channel is the caller's and must stay until engine_detach. */
void engine_attach(struct engine *engine, struct channel *spawner);
/* It is gone: jobs it had fail with ERR_UNAVAILABLE; waiting ones wait for the next one, for a while. */
void engine_detach(struct engine *engine);

struct job *job_create(struct key *key, void (*on_finished)(struct job *), void *owner);
/* Only in JOB_NEW, JOB_HELD or JOB_FINISHED. */
void job_destroy(struct job *job);

/* 0 (on_finished will be called, never from inside), -ERR_QUEUE_FULL, -ERR_DRAINING or -ERR_UNSUPPORTED_ENGINE: still the caller's. */
int engine_submit(struct engine *engine, struct job *job);
/*
 * Before the first is submitted: the second, which is not, begins when the first does and then is a job as any; their stdin
 * and stdout are each other's. Both have one stage: what is compiled has its artefact. 0 or -ERR_IO.
 */
int engine_join(struct job *first, struct job *second);
/* The caller is gone: ends the run; the job is the engine's to destroy, on_finished is not called. */
void engine_cancel(struct job *job);
/* Ties them together, before the job is submitted; and takes them apart, either may be NULL in the other. */
void job_feed_begin(struct job_feed *feed, struct job *job);
void job_feed_end(struct job_feed *feed);
/*
 * Of a job with a feed: what its program is to read, also ahead of its start (0 or as stage_io_feed);
 * how much of that it has not taken. Of one with a stream: whether it has to wait before it writes more.
 */
int engine_feed(struct job *job, struct slice data);
size_t engine_unfed(const struct job *job);
/* That was all of it. */
void engine_feed_end(struct job *job);
void engine_pause(struct job *job, bool pause);
/* Sends all processes of the program a signal, if it runs. */
void engine_signal(struct job *job, int signal);
/* The size of its terminal, if it has one. */
void engine_resize(struct job *job, struct window window);
/* No new jobs from now on. */
void engine_drain(struct engine *engine);

const struct engine_counters *engine_counters(struct engine *engine);
const struct cache_counters *engine_cache_counters(const struct engine *engine);
const struct warm *engine_warm(const struct engine *engine);

/* What the spawner says; bodies as received. */
void engine_run_done(struct engine *engine, const struct msg_run_done *msg);
void engine_run_failed(struct engine *engine, const struct msg_run_failed *msg);
void engine_metered(struct engine *engine, const struct msg_metered *msg);
void engine_pool_way(struct engine *engine, const struct msg_pool_way *msg);

/* --- for resident.c --- */

/* Starts a run that goes through no queue; on_finished is called at its end. 0, -ERR_RESIDENTS_FULL or as native_start: still the caller's. */
int engine_start_resident(struct engine *engine, struct job *job);
/* What the execute has printed; < 0: it is more than it may. */
int engine_resident_data(struct job *job, unsigned stream, struct slice data);
/* The execute is over: its result stands, or this is why there is none. */
void engine_resident_over(struct job *job);
void engine_resident_failed(struct job *job, const struct err *err);
struct loop *engine_loop(const struct engine *engine);
/* NULL while there is none. */
struct channel *engine_spawner(const struct engine *engine);

#endif
