/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "engine/native.h"

#define GRACE_NS     (1500 * NS_PER_MS)      /* from the interrupt to the kill */
#define START_NS     (30 * NS_PER_SEC)       /* a new interpreter may wait so long for a slot */
#define DEAF_NS      (500 * NS_PER_MS)       /* from the end of its channel to the kill, if it has not ended */
#define IDLE_NS      (86400 * NS_PER_SEC)    /* its owner ends it much earlier */
#define LOOK_LEAST_NS (10 * NS_PER_MS)       /* between two looks at the CPU time */
#define STRIKES_MOST 3
#define READ_BYTES   (64 * KIB)
#define HEADS_BYTES  ((LIVE_PARTS_MAX + 1) * LIVE_LINE_BYTES)

/*
 * IDLE: no execute is at it. RUNNING, INTERRUPTED (a limit was hit): its answer is awaited. METERING: that is
 * there, and the spawner is asked what it took. DEAF: it has closed its channel, and as a rule has ended.
 * ENDING: the run was killed.
 */
enum live_state { LIVE_IDLE, LIVE_RUNNING, LIVE_INTERRUPTED, LIVE_METERING, LIVE_DEAF, LIVE_ENDING };

struct live {
	struct engine *engine;
	struct key *key;
	struct job_spec spec;
	enum live_state state;
	struct job *run;          /* owned; NULL: there is no interpreter */
	struct job *job;          /* the execute; NULL: none */
	int answers_fd;
	struct watch watch;
	struct buf answers;
	char token[ID_BYTES];     /* of the execute */
	struct timer timer;
	uint64_t executes, meter_number;
	uint64_t base_number;     /* of the METER at the begin of the execute; 0: there was none */
	uint64_t begun_ns, wall_due_ns, cpu_base_ns, cpu_used_ns;
	enum run_status limit;    /* that the execute went past; RUN_STATUS_OK: none */
	const char *why;          /* the run is ended for this; NULL: it is not */
	const char *untold;       /* what was known is lost, and nobody was told yet; NULL: it is not so */
	unsigned strikes;
};

static struct live_counters counters;

const struct live_counters *live_counters(void)
{
	return &counters;
}

/* --- the spawner's part --- */

static struct channel *spawner_of(const struct live *live)
{
	return engine_spawner(live->engine);
}

/* So much more it may use from now on; the answer says what it has. */
static void meter(struct live *live, uint64_t wall_ns, uint64_t cpu_ns)
{
	struct msg_meter msg;

	memset(&msg, 0, sizeof(msg));
	msg.job = live->run->number;
	msg.number = ++live->meter_number;
	msg.wall_ns = wall_ns;
	msg.cpu_ns = cpu_ns;
	if (spawner_of(live))
		channel_send(spawner_of(live), MSG_SPAWNER_METER, &msg, NULL, 0);
}

static uint64_t cpu_limit_ns(const struct live *live)
{
	return live->job->spec.limits.cpu_time_ms * NS_PER_MS;
}

/* RUN_DONE follows. */
static void end_run(struct live *live, const char *why)
{
	if (live->why)
		return;
	live->why = why;
	live->state = LIVE_ENDING;
	native_kill(live->run, spawner_of(live), KILL_GONE);
}

static void on_due(struct timer *timer);

/* --- the end of an execute --- */

static void close_answers(struct live *live)
{
	loop_remove(engine_loop(live->engine), &live->watch);
	live->answers_fd = fd_close(live->answers_fd);
	buf_finish(&live->answers);
}

/* Nothing can come from it any more; what it came to is told by the end of the run. */
static void be_deaf(struct live *live)
{
	if (live->state == LIVE_ENDING || live->state == LIVE_METERING)
		return;
	live->state = LIVE_DEAF;
	loop_timer_set(engine_loop(live->engine), &live->timer, clock_now_ns() + DEAF_NS, on_due);
}

static struct job *take_job(struct live *live)
{
	struct job *job = live->job;

	live->job = NULL;
	loop_timer_cancel(engine_loop(live->engine), &live->timer);
	if (live->state != LIVE_ENDING)
		live->state = LIVE_IDLE;
	if (live->run && live->answers_fd < 0)
		be_deaf(live);
	return job;
}

static void fill_used(const struct live *live, struct stage_result *result, uint64_t cpu_ns, uint64_t peak_bytes)
{
	result->present = true;
	result->started = true;
	result->wall_ns = clock_now_ns() - live->begun_ns;
	result->cpu_ns = MAX_OF(cpu_ns, live->cpu_base_ns) - live->cpu_base_ns;
	result->memory_peak_bytes = peak_bytes;
}

static enum run_status status_of(const struct live *live, const struct live_frame *frame)
{
	if (live->limit != RUN_STATUS_OK)
		return live->limit;
	if (frame->outcome == LIVE_OUTCOME_INTERRUPTED)
		return RUN_STATUS_SIGNAL;
	return frame->exit_code ? RUN_STATUS_ERROR : RUN_STATUS_OK;
}

/* The interpreter has answered, and the spawner has said what that took. */
static void finish_answered(struct live *live, const struct msg_metered *msg)
{
	struct stage_result *result = &live->job->result.run;
	const struct live_frame *frame = &live->job->result.live.answer->frame;
	bool interrupted = frame->outcome == LIVE_OUTCOME_INTERRUPTED;

	fill_used(live, result, msg->cpu_ns, msg->memory_peak_bytes);
	result->status = status_of(live, frame);
	result->has_exit_code = !interrupted;
	result->exit_code = frame->exit_code;
	result->signal = interrupted ? SIGINT : 0;
	live->job->result.live.kept = live_is_there(live);
	live->job->result.status = result->status;
	engine_live_over(take_job(live));
}

/* The run is over instead: what it came to, the execute did. */
static void finish_lost(struct live *live, const struct job *run)
{
	struct stage_result *result = &live->job->result.run;
	const struct stage_result *of_run = &run->result.run;

	fill_used(live, result, of_run->cpu_ns, of_run->memory_peak_bytes);
	result->started = of_run->started;
	result->status = of_run->status;
	if (run->done.end == RUN_KILLED) /* by us */
		result->status = live->limit == RUN_STATUS_OK ? RUN_STATUS_SIGNAL : live->limit;
	result->has_exit_code = of_run->has_exit_code;
	result->exit_code = of_run->exit_code;
	result->signal = of_run->signal;
	memcpy(result->note, of_run->note, sizeof(result->note));
	live->job->result.live.kept = false;
	live->job->result.live.why_lost = live->why;
	live->job->result.status = result->status;
	engine_live_over(take_job(live));
}

/* --- the end of the run --- */

static const char *why_ended(const struct job *run)
{
	if (run->error.code)
		return err_name(run->error.code);
	return run->result.status == RUN_STATUS_OK || run->result.status == RUN_STATUS_ERROR ? "exited"
											      : run_status_name(run->result.status);
}

static void on_run_finished(struct job *run)
{
	struct live *live = run->owner;

	live->run = NULL;
	live->key->live--;
	live->state = LIVE_ENDING;
	loop_timer_cancel(engine_loop(live->engine), &live->timer);
	close_answers(live);
	counters.lost++;
	if (!live->why)
		live->why = why_ended(run);
	if (live->job && run->error.code)
		engine_live_failed(take_job(live), &run->error);
	else if (live->job)
		finish_lost(live, run);
	else
		live->untold = live->why;
	job_destroy(run);
}

/* --- limits --- */

static void arm(struct live *live, uint64_t look_ns)
{
	uint64_t now_ns = clock_now_ns();

	loop_timer_set(engine_loop(live->engine), &live->timer, MIN_OF(now_ns + look_ns, live->wall_due_ns), on_due);
}

/* When the CPU time could first be used up. */
static uint64_t look_after_ns(const struct live *live)
{
	uint64_t limit_ns = cpu_limit_ns(live), left_ns = limit_ns - MIN_OF(live->cpu_used_ns, limit_ns);

	return MAX_OF(left_ns * 1000 / MAX_OF(live->spec.limits.cpu_milli, 1000u), (uint64_t)LOOK_LEAST_NS);
}

/* A limit was hit: first it is asked to stop, so that the state is kept. */
static void stop(struct live *live, enum run_status limit)
{
	if (live->state != LIVE_RUNNING)
		return;
	live->limit = limit;
	live->state = LIVE_INTERRUPTED;
	engine_signal(live->run, SIGINT);
	counters.interrupted++;
	loop_timer_set(engine_loop(live->engine), &live->timer, clock_now_ns() + GRACE_NS, on_due);
}

static void on_due(struct timer *timer)
{
	struct live *live = container_of(timer, struct live, timer);
	uint64_t now_ns = clock_now_ns();

	if (live->state == LIVE_DEAF) {
		end_run(live, "closed its channel");
	} else if (live->state == LIVE_INTERRUPTED) {
		end_run(live, run_status_name(live->limit));
	} else if (now_ns >= live->wall_due_ns) {
		stop(live, RUN_STATUS_WALL_TIMEOUT);
	} else {
		/* the spawner's limits are the backstop; the next look is set when it has said what was used */
		meter(live, live->wall_due_ns - now_ns + GRACE_NS, cpu_limit_ns(live) + GRACE_NS);
		arm(live, live->wall_due_ns - now_ns);
	}
}

static void look_at_cpu(struct live *live, uint64_t cpu_ns)
{
	live->cpu_used_ns = MAX_OF(cpu_ns, live->cpu_base_ns) - live->cpu_base_ns;
	if (live->cpu_used_ns >= cpu_limit_ns(live))
		stop(live, RUN_STATUS_CPU_TIMEOUT);
	else
		arm(live, look_after_ns(live));
}

void live_metered(struct live *live, const struct msg_metered *msg)
{
	if (msg->number == live->base_number)
		live->cpu_base_ns = msg->cpu_ns; /* what it did between executes was none's */
	if (msg->number != live->meter_number)
		return;
	if (live->state == LIVE_METERING)
		finish_answered(live, msg);
	else if (live->state == LIVE_RUNNING)
		look_at_cpu(live, msg->cpu_ns);
}

/* --- what comes from it --- */

static void strike(struct live *live)
{
	counters.strikes++;
	if (++live->strikes >= STRIKES_MOST)
		end_run(live, "answered what was not asked");
}

static void accept(struct live *live, struct live_answer *answer)
{
	struct job *job = live->job;

	job->result.live.answer = answer;
	live->state = LIVE_METERING;
	loop_timer_cancel(engine_loop(live->engine), &live->timer);
	stage_io_collect(&live->run->io);
	stage_io_pause(&live->run->io, true);
	meter(live, IDLE_NS, live->spec.limits.cpu_time_ms * NS_PER_MS);
}

/* Takes what has come, for good. Nothing is awaited from it afterwards. */
static void take_answer(struct live *live, const struct live_frame *frame)
{
	struct live_answer *answer = malloc(sizeof(*answer));

	if (!answer) {
		end_run(live, err_name(ERR_NO_MEMORY));
		return;
	}
	if (frame->bytes < live->answers.len)
		strike(live);
	*answer = (struct live_answer){.frame = *frame, .bytes = live->answers};
	buf_init(&live->answers, READ_BYTES);
	accept(live, answer);
}

static bool awaits_answer(const struct live *live)
{
	return live->state == LIVE_RUNNING || live->state == LIVE_INTERRUPTED;
}

static void read_frames(struct live *live)
{
	struct live_frame frame;
	int rc;

	while (awaits_answer(live) && (rc = live_frame_parse(buf_slice(&live->answers), &frame)) != 0) {
		if (rc < 0) {
			end_run(live, "answered nonsense");
			return;
		}
		if (strcmp(frame.token, live->token) == 0) {
			take_answer(live, &frame);
			return;
		}
		buf_consume(&live->answers, frame.bytes);
		strike(live);
	}
}

static void on_readable(struct watch *watch, uint32_t events _unused_)
{
	struct live *live = container_of(watch, struct live, watch);
	static char bytes[READ_BYTES];
	ssize_t n = read(live->answers_fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_answers(live);
		be_deaf(live);
	} else if (buf_append(&live->answers, bytes, (size_t)n) < 0) {
		end_run(live, "answered too much");
	} else if (awaits_answer(live)) {
		read_frames(live);
	} else {
		buf_clear(&live->answers);
		strike(live);
	}
}

static void on_data(struct job *run, unsigned stream, struct slice data)
{
	struct live *live = run->owner;

	if (live->job && engine_live_data(live->job, stream, data) < 0)
		stop(live, RUN_STATUS_OUTPUT_LIMIT);
}

static void nothing(struct job *run _unused_)
{
}

static const struct job_stream run_stream = {
    .on_stage = nothing, .on_data = on_data, .on_fed = nothing, .on_exit = nothing};

/* --- the beginning --- */

/* The pipe for its answers: what it holds of it is opened by its name in /proc by some. -1 with errno. */
static int open_answers(struct live *live, int *ret_theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	live->answers_fd = ends[0];
	*ret_theirs = ends[1];
	if (fchmod(ends[1], 0666) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return loop_add(engine_loop(live->engine), &live->watch, ends[0], EPOLLIN, on_readable);
}

/* For the first execute, too, so that it is not the spawner who ends it first. */
static struct job_limits first_limits(const struct live *live, const struct job_limits *of_job)
{
	struct job_limits limits = live->spec.limits;

	limits.wall_time_ms = of_job->wall_time_ms + (START_NS + GRACE_NS) / NS_PER_MS;
	limits.cpu_time_ms = of_job->cpu_time_ms + GRACE_NS / NS_PER_MS;
	return limits;
}

static int start_run(struct live *live, struct job *run, const struct job_limits *of_job)
{
	run->spec = live->spec;
	run->spec.limits = first_limits(live, of_job);
	run->stream = &run_stream;
	if (open_answers(live, &run->artefact_fd) < 0)
		return -ERR_IO;
	int rc = engine_start_resident(live->engine, run);
	run->artefact_fd = fd_close(run->artefact_fd); /* it has a copy: so that its end is seen */
	return rc;
}

static int start(struct live *live, const struct job_limits *of_job)
{
	struct job *run = job_create(live->key, on_run_finished, live);

	if (!run)
		return -ERR_NO_MEMORY;
	live->why = NULL;
	live->strikes = 0;
	live->executes = 0;
	live->meter_number = live->base_number = live->cpu_base_ns = 0;
	buf_init(&live->answers, READ_BYTES);
	int rc = start_run(live, run, of_job);
	if (rc < 0) {
		close_answers(live);
		job_destroy(run);
		return rc;
	}
	live->run = run;
	live->key->live++;
	counters.started++;
	return 0;
}

static int send_request(struct live *live, const struct job_spec *spec)
{
	struct live_request request = {.code = spec->files[spec->entry].data, .stdin_data = spec->stdin_data,
				       .bytes_most = spec->limits.output_bytes, .number = ++live->executes};
	_buf_finish_ struct buf bytes;

	id_make(live->token, "ask");
	memcpy(request.token, live->token, sizeof(request.token));
	buf_init(&bytes, LIVE_BYTES_MAX);
	int rc = live_request_write(&bytes, &request);
	return rc < 0 ? rc : engine_feed(live->run, buf_slice(&bytes));
}

/* Whether there has to be a new one. One that is ending cannot be waited for: it may take its time. */
static bool replace_if_gone(struct live *live)
{
	if (live_is_there(live))
		return false;
	if (live->run)
		live->untold = live->why ? live->why : "exited";
	live_restart(live);
	return true;
}

int live_begin(struct job *job)
{
	struct live *live = job->live;
	bool fresh = replace_if_gone(live);
	int rc = fresh ? start(live, &job->spec.limits) : 0;

	if (rc < 0)
		return rc;
	live->job = job;
	live->state = LIVE_RUNNING;
	live->limit = RUN_STATUS_OK;
	live->begun_ns = clock_now_ns();
	live->wall_due_ns = live->begun_ns + job->spec.limits.wall_time_ms * NS_PER_MS;
	live->cpu_used_ns = 0;
	live->answers.ceiling = MIN_OF(job->spec.limits.output_bytes, (uint64_t)LIVE_BYTES_MAX) + HEADS_BYTES + READ_BYTES;
	job->result.live = (struct live_result){.present = true, .fresh = fresh, .why_lost = live->untold};
	live->untold = NULL;
	if (!fresh) {
		meter(live, job->spec.limits.wall_time_ms * NS_PER_MS + GRACE_NS, cpu_limit_ns(live) + GRACE_NS);
		live->base_number = live->meter_number;
	}
	arm(live, look_after_ns(live));
	stage_io_pause(&live->run->io, false);
	return send_request(live, &job->spec);
}

/* --- from outside --- */

struct live *live_create(struct engine *engine, struct key *key, const struct job_spec *spec)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	live->engine = engine;
	live->key = key;
	live->spec = *spec;
	live->spec.control = true;
	live->answers_fd = -1;
	return live;
}

void live_tell_lost(struct live *live, const char *why)
{
	live->untold = why;
}

bool live_is_there(const struct live *live)
{
	return live->run && !live->why && live->answers_fd >= 0;
}

bool live_is_busy(const struct live *live)
{
	return live->job != NULL;
}

/* The engine keeps the run until it is dead. */
void live_restart(struct live *live)
{
	struct job *run = live->run;

	if (!run)
		return;
	live->run = NULL;
	live->key->live--;
	live->state = LIVE_IDLE;
	loop_timer_cancel(engine_loop(live->engine), &live->timer);
	close_answers(live);
	engine_cancel(run);
}

void live_destroy(struct live *live)
{
	if (!live)
		return;
	live_restart(live);
	free(live);
}

bool live_interrupt(struct live *live)
{
	if (live->state != LIVE_RUNNING)
		return false;
	counters.interrupted++;
	engine_signal(live->run, SIGINT);
	return true;
}

void live_cancel(struct job *job)
{
	if (job->live->job == job)
		stop(job->live, RUN_STATUS_SIGNAL);
}

void live_forget(struct job *job)
{
	struct live *live = job->live;

	if (live->job == job)
		take_job(live);
}

void live_pause(struct job *job, bool pause)
{
	struct live *live = job->live;

	if (live->job == job && live->run)
		stage_io_pause(&live->run->io, pause);
}
