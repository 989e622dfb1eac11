/* SPDX-License-Identifier: Apache-2.0 */
/* A job's memory, and what its owner does with it while it runs; the rest of its life is in engine.c. */
#include "base/fd.h"
#include "engine/engine.h"
#include "engine/native.h"
#include "engine/resident.h"
#include "engine/scanned.h"

struct job *job_create(struct key *key, void (*on_finished)(struct job *), void *owner)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->key = key;
	job->on_finished = on_finished;
	job->owner = owner;
	job->keep_bytes = UINT64_MAX;
	job->artefact_fd = -1;
	job->collect_fd = -1;
	stage_io_init(&job->io);
	id_make(job->result.id, "exe");
	return job;
}

void job_destroy(struct job *job)
{
	if (!job)
		return;
	job_feed_end(job->feed);
	stage_io_finish(&job->io);
	fd_close(job->artefact_fd);
	fd_close(job->collect_fd);
	collected_finish(&job->result.artifacts);
	scanned_finish(&job->result.violations);
	free(job->error_text);
	buf_finish(&job->payload);
	buf_finish(&job->result.compile.out);
	buf_finish(&job->result.compile.err);
	buf_finish(&job->result.run.out);
	buf_finish(&job->result.run.err);
	if (job->result.resident.answer)
		buf_finish(&job->result.resident.answer->bytes);
	free(job->result.resident.answer);
	free(job);
}

void job_feed_begin(struct job_feed *feed, struct job *job)
{
	feed->job = job;
	job->feed = feed;
}

void job_feed_end(struct job_feed *feed)
{
	struct job *job = feed ? steal_pointer(feed->job) : NULL;

	if (!job)
		return;
	job->feed = NULL;
	if (feed->on_over)
		feed->on_over(feed);
}

int engine_feed(struct job *job, struct slice data)
{
	return stage_io_feed(&job->io, data);
}

void engine_feed_end(struct job *job)
{
	stage_io_feed_end(&job->io);
}

size_t engine_unfed(const struct job *job)
{
	return job->io.input.len;
}

/* What the pipes still hold of a program that has ended is not much, and waits for nobody. */
void engine_pause(struct job *job, bool pause)
{
	if (job->resident)
		resident_pause(job, pause);
	else if (job->state != JOB_CLOSING)
		stage_io_pause(&job->io, pause);
}

void engine_resize(struct job *job, struct window window)
{
	stage_io_resize(&job->io, window);
}

void engine_signal(struct job *job, int signal)
{
	if (job->state == JOB_RUNNING)
		native_signal(job, engine_spawner(job->engine), signal);
}
