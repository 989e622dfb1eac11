/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch under way. batch.c compiles, decides which test is next and answers; batch_test.c runs
 * one test. All of it is in the request's arena, but what engine jobs, descriptors and buffers own
 * (batch_release).
 */
#ifndef SG_DOOR_BATCH_H
#define SG_DOOR_BATCH_H

#include "api/batch.h"
#include "door/batch_stream.h"
#include "door/record.h"
#include "door/reply.h"

/* Something that is compiled once, before the first test. */
struct batch_program {
	struct batch *batch;
	const char *field;	     /* of the request: what errors name */
	const struct job_spec *spec; /* NULL: there is none */
	struct job *job;	     /* compiles or has compiled it; NULL: nothing to compile */
	bool compiling;
	int artefact_fd; /* held until the batch ends, whatever the cache drops; -1: none */
};

/* Where a test runs. */
struct batch_place {
	struct batch *batch;
	bool taken;
	size_t index;		/* of its test */
	struct job *job;	/* the program's or a checker's, until it has ended */
	struct job *interactor; /* until it has ended */
	uint64_t program_ended_ns, interactor_ended_ns; /* as the spawner saw it */
	struct buf output; /* owned: what the program wrote, for the checker */
	struct compare compare;
	struct job_file *files; /* of a checker or an interactor: its own, and the test's */
};

enum batch_part { BATCH_SOURCE, BATCH_CHECKER, BATCH_INTERACTOR, BATCH_PARTS };

struct batch {
	struct exchange *exchange;
	struct batch_request request;
	struct batch_program programs[BATCH_PARTS];
	struct batch_result *results;
	struct batch_summary summary;
	struct batch_place *places;
	size_t place_count;
	size_t next;  /* the first test that has not been begun */
	size_t end;   /* no test from here on is begun any more */
	size_t taken; /* places */
	uint64_t began_ns;
	struct batch_stream stream;
	bool admitted; /* the queue had room for the first job: then it has for all */
};

/* A job for one run of a program of the batch; NULL out of memory. */
struct job *batch_job(struct batch *batch, enum batch_part part, const struct job_spec *spec,
		      void (*on_finished)(struct job *), void *owner);
/* Takes the job (NULL: out of memory) over, also when it fails: 0, or a negative code with *err. */
int batch_submit(struct batch *batch, struct job *job, struct err *err);

/* Runs test `index` in a free place. 0, or a negative code with *err; the place is then still free.
 */
int batch_test_begin(struct batch_place *place, size_t index, struct err *err);
/* Ends it, if there is one, without a result. */
void batch_test_cancel(struct batch_place *place);
/* The result of the place's test stands; the place is free. May answer the exchange. */
void batch_test_done(struct batch_place *place);
/* No result, for a reason of ours or of the checker's. */
void batch_result_fail(struct batch_result *result, const struct err *err);

#endif
