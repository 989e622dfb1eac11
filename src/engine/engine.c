/* SPDX-License-Identifier: Apache-2.0 */
/* Admission and the life of a job; what one stage needs is in native.c. */
#include "engine/engine.h"

#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "engine/resident.h"
#include "engine/native.h"

/* So long may jobs wait for a spawner that is being restarted. */
#define SPAWNER_ABSENT_NS   (5 * NS_PER_SEC)
/* The slot is being killed when this starts; its pipes close with its last process. */
#define CLOSING_NS          (10 * NS_PER_SEC)

struct engine {
	struct loop *loop;
	const struct config *config;
	struct channel *spawner;      /* NULL while there is none */
	struct fair_queue queue;
	struct cache *cache;
	struct warm warm;
	struct list running, resident; /* of job.node */
	struct timer absent_timer;
	struct timer dispatch_timer;  /* due at once: dispatching from outside any caller's stack */
	uint64_t next_number;
	bool draining;
	struct engine_counters counters;
};

struct engine *engine_create(struct loop *loop, const struct config *config,
			     const struct runtime_table *runtimes)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->loop = loop;
	engine->config = config;
	engine->cache = cache_create(config->compile_cache_bytes);
	if (!engine->cache || warm_init(&engine->warm, config, runtimes) < 0) {
		engine_destroy(engine);
		return NULL;
	}
	queue_init(&engine->queue, KEY_LINE_RUNS, config->queue_max, config->queue_max_per_key);
	list_init(&engine->running);
	list_init(&engine->resident);
	return engine;
}

void engine_destroy(struct engine *engine)
{
	if (!engine)
		return;
	loop_timer_cancel(engine->loop, &engine->absent_timer);
	loop_timer_cancel(engine->loop, &engine->dispatch_timer);
	cache_destroy(engine->cache);
	warm_finish(&engine->warm);
	free(engine);
}

static void dispatch_soon(struct engine *engine);

/* Off every list, to its caller or, if that is gone, to nobody. */
static void job_finish(struct job *job)
{
	struct engine *engine = job->engine;

	if (list_holds(&job->node)) {
		list_remove(job->stays ? &engine->resident : &engine->running, &job->node);
		job->key->lines[KEY_LINE_RUNS].running -= !job->stays;
	}
	if (job->resident)
		resident_forget(job);
	loop_timer_cancel(engine->loop, &job->closing_timer);
	job_feed_end(job->feed);
	stage_io_close(&job->io);
	if (!job->compile_only)
		job->artefact_fd = fd_close(job->artefact_fd);
	job->collect_fd = fd_close(job->collect_fd);
	job->state = JOB_FINISHED;
	dispatch_soon(engine);
	if (job->cancelled) {
		if (job->holder)
			job->holder->on_end(job);
		else
			job_destroy(job);
		return;
	}
	if (job->error.code) {
		engine->counters.failed++;
	} else if (!job->stays) {
		engine->counters.finished++;
		engine->counters.by_status[job->result.status]++;
		engine->counters.wall_ns_sum += job->result.run.wall_ns;
	}
	if (job->holder)
		job->holder->on_end(job);
	else
		job->on_finished(job);
}

static void job_fail(struct job *job, enum err_code code, const char *text)
{
	err_set(&job->error, code, "%s", text);
	job_finish(job);
}

/* --- who takes part in a run --- */

static void tell_stage(struct job *job)
{
	if (job->stream && job->stream->on_stage)
		job->stream->on_stage(job);
}

static void tell_exit(struct job *job)
{
	if (job->stream && job->stream->on_exit)
		job->stream->on_exit(job);
}

int engine_resident_data(struct job *job, unsigned stream, struct slice data)
{
	struct stage_result *run = &job->result.run;
	struct buf *into = stream ? &run->err : &run->out;
	size_t taken = MIN_OF(data.len, into->ceiling - into->len);

	if (job->stream && data.len)
		job->stream->on_data(job, stream, data);
	if (buf_append(into, data.data, taken) == 0 && taken == data.len)
		return 0;
	*(stream ? &run->err_truncated : &run->out_truncated) = true;
	return -ERR_TOO_LARGE;
}

void engine_resident_over(struct job *job)
{
	tell_exit(job);
	job_finish(job);
}

void engine_resident_failed(struct job *job, const struct err *err)
{
	job_fail(job, err->code, err->text);
}

static void tell_data(struct job *job, unsigned stream, struct slice data)
{
	if (job->stream && data.len)
		job->stream->on_data(job, stream, data);
}

static void on_data(struct stage_io *io, unsigned stream, struct slice data)
{
	tell_data(container_of(io, struct job, io), stream, data);
}

static void on_fed(struct stage_io *io)
{
	struct job *job = container_of(io, struct job, io);

	if (job->feed)
		job->feed->on_fed(job->feed);
}

/* A compile that was spared is told as one that happened. */
static void tell_cached(struct job *job)
{
	const struct stage_result *compile = &job->result.compile;

	tell_stage(job);
	tell_data(job, 0, buf_slice(&compile->out));
	tell_data(job, 1, buf_slice(&compile->err));
	tell_exit(job);
}

/* --- dispatch --- */

static int start_stage(struct engine *engine, struct job *job)
{
	tell_stage(job);
	uint32_t pool = warm_pool_for(&engine->warm, &job->spec, job->stage, &job->payload);
	return native_start(job, engine->loop, engine->spawner, engine->config, pool);
}

/* The compile is spared; the run, if there is to be one, is prepared. */
static int use_cached(struct job *job)
{
	job->result.compile.cached = true;
	tell_cached(job);
	job->stage = STAGE_RUN;
	return job->compile_only ? 0 : native_prepare(job);
}

/* 1: nothing is left to do. */
static int prepare_and_start(struct engine *engine, struct job *job)
{
	int rc = native_prepare(job);
	bool cached = rc == 0 && job->stage == STAGE_COMPILE &&
		      cache_get(engine->cache, job->cache_key, &job->artefact_fd, &job->result.compile);

	if (cached)
		rc = use_cached(job);
	if (rc < 0 || (cached && job->compile_only))
		return rc < 0 ? rc : 1;
	return start_stage(engine, job);
}

static int begin_resident(struct job *job)
{
	buf_init(&job->result.run.out, job->spec.limits.output_bytes);
	buf_init(&job->result.run.err, job->spec.limits.output_bytes);
	tell_stage(job);
	return resident_begin(job);
}

int engine_start_resident(struct engine *engine, struct job *job)
{
	if (!engine->spawner)
		return -ERR_UNAVAILABLE;
	if (engine->resident.len >= engine->config->interpreters_max || job->key->residents >= engine->config->interpreters_max_per_key)
		return -ERR_RESIDENTS_FULL;
	job->engine = engine;
	job->stays = true;
	job->state = JOB_RUNNING;
	job->stage = STAGE_RUN;
	job->number = ++engine->next_number;
	int rc = prepare_and_start(engine, job);
	if (rc < 0) {
		job->state = JOB_NEW;
		return rc;
	}
	list_push_back(&engine->resident, &job->node);
	return 0;
}

/* As prepare_and_start. */
static int begin(struct engine *engine, struct job *job)
{
	job->state = JOB_RUNNING;
	job->number = ++engine->next_number;
	job->killed = false;
	return job->resident ? begin_resident(job) : prepare_and_start(engine, job);
}

/* What begin came to. */
static void begun(struct job *job, int rc)
{
	if (rc < 0)
		job_fail(job, (enum err_code)-rc, err_default_text(rc));
	else if (rc > 0)
		job_finish(job);
}

static void start(struct engine *engine, struct job *job)
{
	begun(job, begin(engine, job));
}

static void take_place(struct engine *engine, struct job *job)
{
	job->started_ns = clock_now_ns();
	engine->counters.queue_ns_sum += job->started_ns - job->submitted_ns;
	list_push_back(&engine->running, &job->node);
	job->key->lines[KEY_LINE_RUNS].running++;
}

/* Nobody is told of either before both have begun: whoever is may cancel the other. */
static void start_pair(struct engine *engine, struct job *job)
{
	struct job *partner = steal_pointer(job->partner);

	partner->engine = engine;
	partner->stage = STAGE_RUN;
	partner->submitted_ns = job->submitted_ns;
	engine->counters.submitted++;
	take_place(engine, partner);
	int rc = begin(engine, job), partner_rc = begin(engine, partner);
	begun(job, rc);
	begun(partner, partner_rc);
}

int engine_join(struct job *first, struct job *second)
{
	first->partner = second;
	first->queue.pair = true;
	return stage_io_join(&first->io, &second->io);
}

static uint64_t free_places(const struct engine *engine)
{
	return engine->config->runs_max - MIN_OF(engine->config->runs_max, engine->running.len);
}

/* Where nothing runs a pair has room, though there may be but one place. */
static struct queue_entry *pop(struct engine *engine)
{
	return queue_pop(&engine->queue, engine->running.len ? free_places(engine) : MAX_OF(free_places(engine), 2u));
}

static void dispatch(struct timer *timer)
{
	struct engine *engine = container_of(timer, struct engine, dispatch_timer);
	struct queue_entry *entry;

	while (engine->spawner && (entry = pop(engine))) {
		struct job *job = container_of(entry, struct job, queue);
		take_place(engine, job);
		if (job->partner)
			start_pair(engine, job);
		else
			start(engine, job);
	}
}

static void dispatch_soon(struct engine *engine)
{
	if (!engine->dispatch_timer.place && engine->queue.len)
		loop_timer_set(engine->loop, &engine->dispatch_timer, 0, dispatch);
}

int engine_submit(struct engine *engine, struct job *job)
{
	if (engine->draining)
		return -ERR_DRAINING;
	if (job->spec.engine == ENGINE_WASM)
		return -ERR_UNSUPPORTED_ENGINE;
	job->engine = engine;
	uint64_t places = engine->spawner ? free_places(engine) : 0;
	int rc = queue_push(&engine->queue, &job->queue, job->key, places);
	if (rc < 0) {
		engine->counters.refused++;
		return rc;
	}
	job->state = JOB_QUEUED;
	job->submitted_ns = clock_now_ns();
	job->stage = job->spec.version->compile.argc && job->spec.file_count && job->artefact_fd < 0
			 ? STAGE_COMPILE
			 : STAGE_RUN;
	engine->counters.submitted++;
	dispatch_soon(engine);
	return 0;
}

void engine_cancel(struct job *job)
{
	struct engine *engine = job->engine;

	job->cancelled = true;
	job->stream = NULL;
	job_feed_end(job->feed);
	if (job->state == JOB_HELD) {
		job->holder->on_cancel(job);
		return;
	}
	engine->counters.cancelled++;
	stage_io_stop_feeding(&job->io);
	if (job->state == JOB_QUEUED) {
		queue_remove(&engine->queue, &job->queue);
		job_finish(job);
	} else if (job->resident) {
		resident_cancel(job);
	} else {
		native_kill(job, engine->spawner, KILL_GONE);
	}
}

/* --- the spawner comes and goes --- */

static void fail_waiting(struct engine *engine, struct key_line *line)
{
	struct queue_entry *entry;

	list_foreach(&line->waiting, entry, node) {
		queue_remove(&engine->queue, entry);
		job_fail(container_of(entry, struct job, queue), ERR_UNAVAILABLE,
		         err_default_text(ERR_UNAVAILABLE));
	}
}

static void on_absent(struct timer *timer)
{
	struct engine *engine = container_of(timer, struct engine, absent_timer);
	struct key_line *line;

	list_foreach(&engine->queue.turns, line, turn)
		fail_waiting(engine, line);
}

void engine_attach(struct engine *engine, struct channel *spawner)
{
	engine->spawner = spawner;
	warm_tell(&engine->warm, spawner);
	loop_timer_cancel(engine->loop, &engine->absent_timer);
	dispatch_soon(engine);
}

void engine_detach(struct engine *engine)
{
	struct job *job;

	engine->spawner = NULL;
	list_foreach(&engine->running, job, node)
		job_fail(job, ERR_UNAVAILABLE, err_default_text(ERR_UNAVAILABLE));
	list_foreach(&engine->resident, job, node)
		job_fail(job, ERR_UNAVAILABLE, err_default_text(ERR_UNAVAILABLE));
	loop_timer_set(engine->loop, &engine->absent_timer, clock_now_ns() + SPAWNER_ABSENT_NS, on_absent);
}

void engine_drain(struct engine *engine)
{
	engine->draining = true;
}

/* --- stages --- */

/* The program has ended and its pipes are closed. */
static void stage_over(struct job *job)
{
	struct engine *engine = job->engine;

	loop_timer_cancel(engine->loop, &job->closing_timer);
	bool more = !job->cancelled && native_finish(job);
	tell_exit(job);
	if (!more) {
		job_finish(job);
		return;
	}
	/* compiled: the program runs next, in a slot of its own */
	cache_put(engine->cache, job->cache_key, job->artefact_fd, &job->result.compile);
	job->stage = STAGE_RUN;
	if (job->compile_only)
		job_finish(job);
	else if (engine->spawner)
		start(engine, job);
	else
		job_fail(job, ERR_UNAVAILABLE, err_default_text(ERR_UNAVAILABLE));
}

static void on_pipes_ended(struct stage_io *io)
{
	struct job *job = container_of(io, struct job, io);

	if (job->state == JOB_CLOSING)
		stage_over(job);
}

static void on_output_limit(struct stage_io *io)
{
	struct job *job = container_of(io, struct job, io);

	native_kill(job, job->engine->spawner, KILL_OUTPUT_LIMIT);
}

static void on_closing_timeout(struct timer *timer)
{
	struct job *job = container_of(timer, struct job, closing_timer);

	log_at(LOG_WARN, "pipes_left_open", "id=%s", job->result.id);
	stage_io_close(&job->io);
	stage_over(job);
}

void native_set_callbacks(struct stage_io *io)
{
	const struct job *job = container_of(io, struct job, io);
	bool run = job->stage == STAGE_RUN, interactive = job->stream && job->stream->interactive;

	io->on_end = on_pipes_ended;
	io->on_limit = on_output_limit;
	io->on_data = job->stream ? on_data : NULL;
	io->on_fed = on_fed;
	/* a compile's words are kept for the cache */
	io->keep_bytes = !run ? UINT64_MAX : interactive ? 0 : job->keep_bytes;
	io->live = run && (interactive || job->feed);
	io->unlimited = run && interactive && job->stream->unlimited;
	io->terminal = run && job->spec.window.rows;
}

static struct job *find_in(struct list *list, uint64_t number)
{
	struct job *job;

	list_foreach(list, job, node)
		if (job->number == number)
			return job;
	return NULL;
}

/* Runs at once are few (runs_max, interpreters_max), so lists are searched. NULL: cancelled and gone, or nonsense. */
static struct job *find(struct engine *engine, uint64_t number)
{
	struct job *job = find_in(&engine->running, number);

	return job ? job : find_in(&engine->resident, number);
}

void engine_run_done(struct engine *engine, const struct msg_run_done *msg)
{
	struct job *job = find(engine, msg->job);

	if (!job || job->state != JOB_RUNNING)
		return;
	if (job->cancelled) {
		job_finish(job);
		return;
	}
	job->done = *msg;
	engine->counters.warm += msg->warm == 1;
	job->state = JOB_CLOSING;
	stage_io_stop_feeding(&job->io);
	stage_io_pause(&job->io, false);
	stage_io_collect(&job->io);
	if (stage_io_ended(&job->io))
		stage_over(job);
	else
		loop_timer_set(engine->loop, &job->closing_timer, clock_now_ns() + CLOSING_NS,
		               on_closing_timeout);
}

void engine_run_failed(struct engine *engine, const struct msg_run_failed *msg)
{
	struct job *job = find(engine, msg->job);

	if (job)
		job_fail(job, (enum err_code)msg->code, msg->text[0] ? msg->text : err_default_text((int)msg->code));
}

const struct engine_counters *engine_counters(struct engine *engine)
{
	engine->counters.queued = engine->queue.len;
	engine->counters.running = engine->running.len;
	engine->counters.resident = engine->resident.len;
	return &engine->counters;
}

const struct cache_counters *engine_cache_counters(const struct engine *engine)
{
	return cache_counters(engine->cache);
}

void engine_metered(struct engine *engine, const struct msg_metered *msg)
{
	struct job *job = find_in(&engine->resident, msg->job);

	if (job && !job->cancelled)
		resident_metered(job->owner, msg);
}

struct loop *engine_loop(const struct engine *engine)
{
	return engine->loop;
}

struct channel *engine_spawner(const struct engine *engine)
{
	return engine->spawner;
}

void engine_pool_way(struct engine *engine, const struct msg_pool_way *msg)
{
	warm_pool_way(&engine->warm, msg);
}

const struct warm *engine_warm(const struct engine *engine)
{
	return &engine->warm;
}
